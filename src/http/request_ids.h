// Request ids: when a request came, and which of that second it was. The upper 32 bits are the second since 1970, so
// that whoever has an id knows where in the log to look; the lower 32 do not repeat within 2³² requests of a worker.
// Two workers' ids meet about once in 2³² pairs of requests of one second.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/random.h"

namespace tollgate::http {

// Thread safety: one per worker.
class RequestIds {
 public:
  std::uint64_t next(WallTime at) {
    const auto second = static_cast<std::uint32_t>(std::chrono::floor<Seconds>(at).time_since_epoch().count());
    return std::uint64_t{second} << 32 | scatter(counter_++);
  }

 private:
  // MurmurHash3's finaliser (Appleby), a bijection of 32 bits: neighbours look nothing alike.
  static std::uint32_t scatter(std::uint32_t x) {
    x ^= x >> 16;
    x *= 0x85eb'ca6bu;
    x ^= x >> 13;
    x *= 0xc2b2'ae35u;
    return x ^ (x >> 16);
  }

  std::uint32_t counter_ = static_cast<std::uint32_t>(random_u64());
};

}  // namespace tollgate::http
