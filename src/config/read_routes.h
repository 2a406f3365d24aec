// Routes in the file → Route, and the rules that hold between routes and limits.
#pragma once

#include "config/config.h"
#include "config/setting.h"

namespace tollgate::config {

// Reads "limits" and "routes" of the gateway's section. Routes that name no upstream keep an empty list of them.
void read_routes(const Setting& gateway, GatewayConfig& out);

}  // namespace tollgate::config
