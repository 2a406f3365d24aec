// A wait that a shutting-down server can end.
#pragma once

#include "base/clock.h"
#include "base/task.h"
#include "http/exchange.h"

namespace tollgate::services {

// Sleeps that long, or at most a tenth of a second longer than the server lets the exchange live.
Task<void> pause(http::Exchange& exchange, Millis duration);

}  // namespace tollgate::services
