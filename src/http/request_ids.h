// Request ids: when a request came, and which of that second it was. The upper 32 bits are the second since 1970, so
// that whoever has an id knows where in the log to look; the lower 32 do not repeat within 2³² requests of a worker.
// Two workers' ids meet about once in 2³² pairs of requests of one second.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/random.h"
#include "base/scatter.h"

namespace tollgate::http {

// Thread safety: one per worker.
class RequestIds {
 public:
  std::uint64_t next(WallTime at) {
    const auto second = static_cast<std::uint32_t>(std::chrono::floor<Seconds>(at).time_since_epoch().count());
    return std::uint64_t{second} << 32 | scatter(counter_++);
  }

 private:
  std::uint32_t counter_ = static_cast<std::uint32_t>(random_u64());
};

}  // namespace tollgate::http
