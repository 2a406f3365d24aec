// The limiter's own time line: nanoseconds since 2026-01-01T00:00:00Z, never stepping while a process runs and carried
// on after a restart (see stores/memory/limiter_clock.h). Not wall time: the two may drift apart by any clock step.
#pragma once

#include <compare>
#include <cstdint>

#include "base/clock.h"

namespace tollgate::core {

struct LimiterTime {
  std::int64_t ns = 0;  // ≥ 0
  auto operator<=>(const LimiterTime&) const = default;
  LimiterTime operator+(Nanos by) const { return {ns + by.count()}; }
  LimiterTime operator-(Nanos by) const { return {ns - by.count()}; }
  Nanos operator-(LimiterTime other) const { return Nanos(ns - other.ns); }
};

inline constexpr WallTime kLimiterEpoch{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

}  // namespace tollgate::core
