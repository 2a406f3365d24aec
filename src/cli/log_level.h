// Thread safety: any.
#pragma once

#include <unistd.h>

#include <string>

#include "telemetry/log.h"

namespace tollgate::cli {

// Of everything that is logged from now on; aligned text for people where a terminal reads it. `level` as in the
// configuration.
inline void set_log_level(const std::string& level) {
  telemetry::configure_log(telemetry::parse_level(level).value_or(telemetry::Level::info),
                           ::isatty(STDERR_FILENO) != 0);
}

}  // namespace tollgate::cli
