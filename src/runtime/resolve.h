// Host names to addresses.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/ip.h"
#include "base/task.h"
#include "runtime/event_loop.h"

namespace tollgate::runtime {

// By the system's resolver, on the loop's lookup thread; numeric addresses answer at once. Fails with
// upstream_connect_failed.
Task<Result<std::vector<IpAddress>>> resolve(EventLoop& loop, std::string host);

}  // namespace tollgate::runtime
