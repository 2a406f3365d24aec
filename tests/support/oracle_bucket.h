// The ideal token bucket in exact arithmetic, written from the definition and not from core::TokenBucket: its level is
// a rational number of tokens with denominator 10¹⁵, refilled continuously. What is under test must agree with it. Not
// thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/wide.h"
#include "core/limit/token_bucket.h"

namespace tollgate::testing {

using Exact = Int128;  // 10¹⁵ths of a token = micro-tokens × nanoseconds

inline constexpr Exact kExactToken = 1'000'000'000'000'000;

class OracleBucket {
 public:
  OracleBucket(const core::TokenBucketSpec& spec, std::uint64_t tokens, core::LimiterTime now)
      : rate_(spec.refill_micro), full_(spec.max_burst * kExactToken), level_(tokens * kExactToken), at_(now) {}

  void advance(core::LimiterTime now) {
    if (now <= at_) return;
    level_ = std::min(full_, level_ + rate_ * (now - at_).count());
    at_ = now;
  }
  bool take(std::uint64_t cost, core::LimiterTime now) {
    advance(now);
    if (level_ < cost * kExactToken) return false;
    level_ -= cost * kExactToken;
    return true;
  }
  // Takes even what is not there, as a replay of what somebody else admitted does.
  void debit(std::uint64_t cost, core::LimiterTime now) {
    advance(now);
    level_ -= cost * kExactToken;
  }
  // Extra tokens that a documented exception allows, e.g. one second of refill per crash. May exceed the capacity.
  void grant_seconds(std::int64_t seconds) { level_ += rate_ * seconds * 1'000'000'000; }
  // The least whole number of nanoseconds until `cost` tokens are there.
  Nanos wait(std::uint64_t cost, core::LimiterTime now) {
    advance(now);
    const Exact missing = cost * kExactToken - level_;
    return missing <= 0 ? Nanos(0) : Nanos(static_cast<std::int64_t>((missing + rate_ - 1) / rate_));
  }
  std::uint64_t tokens(core::LimiterTime now) {
    advance(now);
    return level_ <= 0 ? 0 : static_cast<std::uint64_t>(level_ / kExactToken);
  }
  Exact level() const { return level_; }
  Exact refill_of(Nanos time) const { return rate_ * time.count(); }

 private:
  Exact rate_;
  Exact full_;
  Exact level_;
  core::LimiterTime at_;
};

}  // namespace tollgate::testing
