// The limiter's time: where it was, plus steady progress. It never steps while a process runs, whatever happens to the
// wall clock, and goes on after a restart by exactly the time that passed on the same boot.
#pragma once

#include <span>

#include "core/limit/limiter_time.h"
#include "stores/memory/host_moment.h"

namespace tollgate::stores {

// A pair that a later process can go on from.
struct ClockStamp {
  HostMoment host;
  core::LimiterTime limiter;
};

// Where the time line stands at `now`. With a stamp of this boot: its time plus what passed since. Otherwise plus the
// wall clock's difference, never less than nothing. Without stamps, at the first start: wall time since the epoch.
core::LimiterTime resume(std::span<const ClockStamp> stamps, const HostMoment& now);

// Thread safety: const methods from any thread; about the cost of one clock reading, 20 ns.
class LimiterClock {
 public:
  // `clock` outlives this.
  LimiterClock(const Clock& clock, core::LimiterTime start)
      : clock_(clock), offset_(start.ns - clock.mono_now().time_since_epoch().count()) {}

  core::LimiterTime now() const noexcept { return {clock_.mono_now().time_since_epoch().count() + offset_}; }

 private:
  const Clock& clock_;
  std::int64_t offset_;
};

}  // namespace tollgate::stores
