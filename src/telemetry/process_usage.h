// What this process uses of the machine, as Linux's /proc tells it. Thread safety: pure functions, from any thread.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace tollgate::telemetry {

struct ProcessUsage {
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t max_descriptors = 0;
  double cpu_seconds = 0;  // user and system, all threads
  WallTime started{};
};

// About 50 µs. A figure that cannot be read is 0.
ProcessUsage process_usage();

}  // namespace tollgate::telemetry
