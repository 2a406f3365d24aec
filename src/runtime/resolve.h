// Host names to addresses.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/ip.h"

namespace tollgate::runtime {

// By the system's resolver; blocks for as long as that takes, which nothing can cut short. Fails with
// upstream_connect_failed.
Result<std::vector<IpAddress>> look_up_host(const std::string& host);

}  // namespace tollgate::runtime
