// One moment as this machine knows it: which boot, how long since it, and the wall clock. Two moments of one boot are
// compared by time since boot, which no clock step moves; others only by wall clock.
#pragma once

#include <array>
#include <functional>

#include "base/clock.h"

namespace tollgate::stores {

struct HostMoment {
  std::array<char, 36> boot{};  // the kernel's boot id; all zero when it has none
  Nanos since_boot{0};          // includes time suspended
  WallTime wall{};

  bool same_boot(const HostMoment& other) const { return boot == other.boot && boot != std::array<char, 36>{}; }
};

using HostMomentSource = std::function<HostMoment()>;

// Reads /proc/sys/kernel/random/boot_id and CLOCK_BOOTTIME.
HostMoment read_host_moment();

}  // namespace tollgate::stores
