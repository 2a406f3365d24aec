// Request ids: unique in a worker's life and not guessable from one another, without a system call each.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace tollgate::http {

// Thread safety: one per worker.
class RequestIds {
 public:
  // SplitMix64 (Steele, Lea, Flood 2014) is a bijection of its counter: no id repeats within 2⁶⁴.
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e37'79b9'7f4a'7c15u);
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9u;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebu;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_ = random_u64();
};

}  // namespace tollgate::http
