// What comes from outside the file: the environment, then flags.
#pragma once

#include "config/load.h"
#include "config/problems.h"

namespace tollgate::config {

void apply_environment(const LoadInput& input, Loaded& out, Problems& problems);
void apply_flags(const LoadInput& input, Config& out, Problems& problems);

// Gateway, backend, limiter, analytics, admin: the order of the ports in a row.
struct NamedListen {
  std::string_view service;
  Listen* listen;
};
std::array<NamedListen, 5> listeners(Config& config);

}  // namespace tollgate::config
