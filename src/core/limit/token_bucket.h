// The token bucket as a generic cell rate algorithm (GCRA, ITU-T I.371): a bucket is one integer, the theoretical
// arrival time (TAT), the moment at which it will be full again. Admits at most `burst + rate × t` in any interval of
// length t.
//
// Exactness. Time is converted, never accumulated: `now` becomes a whole number of units, floor(now_ns × units/s ÷ 10⁹)
// in 128 bits, and a token is exactly `units_per_token` units, so a million decisions round no further than one does.
// Where a nanosecond is a whole number of units (10, 60, 100, 700, 1000 … tokens/s) nothing is rounded at all; at other
// rates a token may come early by less than one unit, which is at most 2 ns.
//
// Range. `now` counts up to 40 years after the epoch; later moments count as that one.
//
// Everything here is a pure function of its arguments. Thread safety: values; share freely.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/error.h"
#include "core/limit/limiter_time.h"

namespace tollgate::core {

// What people write. 1 token = 10⁶ micro-tokens.
struct TokenBucketSpec {
  std::uint64_t refill_micro = 0;  // micro-tokens per second, 1 … 10¹⁵ (a token in 11.5 days … 10⁹ tokens/s)
  std::uint64_t max_burst = 0;     // tokens, 1 … 10¹²; capacity
  std::uint64_t tokens_per_window =
      0;  // tokens, 1 … 10¹²; what clients are told, and with max_burst what a bucket starts with
  bool operator==(const TokenBucketSpec&) const = default;
};

struct Tat {
  std::uint64_t units = 0;  // 0: full since ever
  auto operator<=>(const Tat&) const = default;
};

enum class Verdict : std::uint8_t {
  allowed,
  denied,      // ask again after `retry_after`
  impossible,  // the cost is more than the bucket can ever hold: never will be allowed
};

struct BucketDecision {
  Verdict verdict = Verdict::allowed;
  Tat next;                     // the state to store; equals the state given unless allowed
  std::uint64_t remaining = 0;  // whole tokens left after this decision
  Nanos retry_after{0};         // denied: the least wait after which this cost is allowed if nobody else consumes
  Nanos until_full{0};          // when the bucket is full again
};

class TokenBucket {
 public:
  // Fails with invalid_parameter when a number is out of its range or the bucket would take longer than ten years to
  // fill.
  static Result<TokenBucket> make(const TokenBucketSpec& spec);

  const TokenBucketSpec& spec() const { return spec_; }
  // tokensPerWindow ÷ refillRate in seconds, rounded up: `w` in RateLimit-Policy.
  std::uint64_t window_seconds() const { return window_seconds_; }

  // The state of a bucket nobody has stored: created `age` ago with min(tokens_per_window, max_burst) tokens.
  Tat initial(LimiterTime now, Nanos age) const;
  // A bucket that holds `tokens` (clamped to max_burst) at `now`.
  Tat holding(std::uint64_t tokens, LimiterTime now) const;
  // Whole tokens in the bucket at `now`.
  std::uint64_t level(Tat state, LimiterTime now) const;

  // Takes `cost` tokens or nothing. Cost 0 is allowed and changes nothing.
  BucketDecision take(Tat state, LimiterTime now, std::uint64_t cost) const;
  // Gives back what a take() that left `after_take` had taken, at `now`. Only within the same busy period: once the
  // bucket would have been full without the refund, it changes nothing; and refill that a bucket without that take
  // would have lost by being full is not given back, so a refund never lets more through than had the take not
  // happened. Returns the state to store.
  Tat refund(Tat state, Tat after_take, LimiterTime now, std::uint64_t cost) const;

  // The same level under another rule (limits were edited): whole and fractional tokens are kept, clamped to max_burst.
  Tat convert_from(const TokenBucket& old, Tat state, LimiterTime now) const;

  // The second, rounded up, from which this state means nothing any more: the bucket is full.
  std::uint32_t full_at_second(Tat state) const;

 private:
  void choose_units();
  std::uint64_t units_at(LimiterTime now) const;
  // The first moment at which units_at() is `units` or more.
  LimiterTime first_at(std::uint64_t units) const;
  std::uint64_t tokens_when(std::uint64_t units_used) const;

  TokenBucketSpec spec_;
  std::uint64_t window_seconds_ = 0;
  std::uint64_t burst_units_ = 0;
  std::uint64_t units_per_token_ = 1;
  std::uint64_t units_per_ns_ = 0;  // 0: not a whole number, use the rate below
  // units/s = rate_numerator_ ÷ rate_denominator_, between 5·10⁸ and 10¹⁰.
  std::uint64_t rate_numerator_ = 1;
  std::uint64_t rate_denominator_ = 1;
};

}  // namespace tollgate::core
