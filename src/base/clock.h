// Two clocks that cannot be mixed up: MonoTime never steps and means nothing outside this process; WallTime is what
// people and other machines mean. Rules take `now` as an argument; only the edges read a Clock.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate {

using Nanos = std::chrono::nanoseconds;
using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

struct MonoClockTag {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Nanos;
  static constexpr bool is_steady = true;
};
using MonoTime = std::chrono::time_point<MonoClockTag, Nanos>;
using WallTime = std::chrono::sys_time<Nanos>;

// Thread safety: const methods from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonoTime mono_now() const noexcept = 0;
  virtual WallTime wall_now() const noexcept = 0;
};

// CLOCK_MONOTONIC and CLOCK_REALTIME, about 20 ns each.
class SystemClock final : public Clock {
 public:
  MonoTime mono_now() const noexcept override;
  WallTime wall_now() const noexcept override;
};

// Stands still until told to move. For tests.
class ManualClock final : public Clock {
 public:
  MonoTime mono_now() const noexcept override { return MonoTime(Nanos(mono_.load())); }
  WallTime wall_now() const noexcept override { return WallTime(Nanos(wall_.load())); }
  void advance(Nanos by) {
    mono_ += by.count();
    wall_ += by.count();
  }
  // Moves the wall clock alone, as NTP or a person does.
  void step_wall(Nanos by) { wall_ += by.count(); }

 private:
  std::atomic<std::int64_t> mono_{1'000'000'000};
  std::atomic<std::int64_t> wall_{1'790'000'000'000'000'000};  // 2026-09-21
};

// "2026-09-21T14:13:20.123Z": RFC 3339, UTC, milliseconds.
std::string format_rfc3339(WallTime time);
// Accepts RFC 3339 with any fraction and "Z" or a numeric offset, years 1678 … 2261 (what nanoseconds in 64 bits hold);
// nothing for anything else.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace tollgate
