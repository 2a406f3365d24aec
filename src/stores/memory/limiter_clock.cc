#include "stores/memory/limiter_clock.h"

#include <algorithm>

namespace tollgate::stores {

core::LimiterTime resume(std::span<const ClockStamp> stamps, const HostMoment& now) {
  if (stamps.empty()) return {std::max<std::int64_t>((now.wall - core::kLimiterEpoch).count(), 0)};
  const bool same_boot =
      std::ranges::any_of(stamps, [&](const ClockStamp& stamp) { return stamp.host.same_boot(now); });
  core::LimiterTime latest;
  for (const ClockStamp& stamp : stamps) {
    if (same_boot && !stamp.host.same_boot(now)) continue;
    const Nanos passed = same_boot ? now.since_boot - stamp.host.since_boot : now.wall - stamp.host.wall;
    latest = std::max(latest, stamp.limiter + std::max(passed, Nanos(0)));
  }
  return latest;
}

}  // namespace tollgate::stores
