#include "core/limit/token_bucket.h"

#include <algorithm>
#include <numeric>

#include "base/str.h"
#include "base/wide.h"

namespace tollgate::core {
namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
constexpr std::uint64_t kMicroPerToken = 1'000'000;
constexpr std::uint64_t kMaxRefillMicro = 1'000'000'000'000'000;
constexpr std::uint64_t kMaxTokens = 1'000'000'000'000;
constexpr std::uint64_t kYear = 365 * 86'400;  // seconds
constexpr std::uint64_t kMaxFillSeconds = 10 * kYear;
constexpr std::uint64_t kHorizonSeconds = 40 * kYear;
constexpr std::uint64_t kMaxUnitsPerSecond = 10'000'000'000;

// A state is never later than the horizon plus the longest fill. The topmost words are left to stores as marks.
static_assert(static_cast<UInt128>(kHorizonSeconds + kMaxFillSeconds) * kMaxUnitsPerSecond < ~std::uint64_t{0} - 1024);

std::uint64_t ceil_div(UInt128 numerator, UInt128 denominator) {
  return static_cast<std::uint64_t>((numerator + denominator - 1) / denominator);
}

Result<void> check_range(const char* name, std::uint64_t value, std::uint64_t max) {
  if (value >= 1 && value <= max) return {};
  return fail(codes::invalid_parameter, str::cat(name, " is ", value, "; it must be 1 to ", max));
}

}  // namespace

Result<TokenBucket> TokenBucket::make(const TokenBucketSpec& spec) {
  for (const auto& checked : {check_range("refill rate in micro-tokens per second", spec.refill_micro, kMaxRefillMicro),
                              check_range("maximum burst", spec.max_burst, kMaxTokens),
                              check_range("tokens per window", spec.tokens_per_window, kMaxTokens)}) {
    if (!checked) return std::unexpected(checked.error());
  }
  if (static_cast<UInt128>(spec.max_burst) * kMicroPerToken >
      static_cast<UInt128>(kMaxFillSeconds) * spec.refill_micro) {
    return fail(codes::invalid_parameter,
                str::cat("a burst of ", spec.max_burst, " tokens would take longer than ten years to fill at ",
                         spec.refill_micro, " micro-tokens per second"));
  }
  TokenBucket bucket;
  bucket.spec_ = spec;
  bucket.choose_units();
  bucket.burst_units_ = spec.max_burst * bucket.units_per_token_;
  bucket.window_seconds_ = ceil_div(static_cast<UInt128>(spec.tokens_per_window) * kMicroPerToken, spec.refill_micro);
  return bucket;
}

// A token must be a whole number of units, and 50 years of units must fit into 64 bits.
void TokenBucket::choose_units() {
  constexpr std::uint64_t kMicroNanos = kMicroPerToken * kNanosPerSecond;
  const std::uint64_t rate = spec_.refill_micro;
  const std::uint64_t per_ns = rate / std::gcd(rate, kMicroNanos);
  if (per_ns <= kMaxUnitsPerSecond / kNanosPerSecond) {  // a nanosecond can be whole too
    units_per_ns_ = per_ns;
    rate_numerator_ = per_ns * kNanosPerSecond;
    units_per_token_ = static_cast<std::uint64_t>(static_cast<UInt128>(per_ns) * kMicroNanos / rate);
  } else if (rate <= kNanosPerSecond) {  // finer than a micro-token
    const std::uint64_t scale = kNanosPerSecond / rate;
    rate_numerator_ = rate * scale;
    units_per_token_ = kMicroPerToken * scale;
  } else {  // coarser
    std::uint64_t divisor = 1;
    while (rate / divisor >= kMaxUnitsPerSecond) divisor *= 10;
    rate_numerator_ = rate;
    rate_denominator_ = divisor;
    units_per_token_ = kMicroPerToken / divisor;
  }
}

std::uint64_t TokenBucket::units_at(LimiterTime now) const {
  const auto ns = static_cast<std::uint64_t>(
      std::clamp<std::int64_t>(now.ns, 0, static_cast<std::int64_t>(kHorizonSeconds * kNanosPerSecond)));
  if (units_per_ns_ != 0) return ns * units_per_ns_;
  if (rate_denominator_ == 1) {  // seconds apart from the rest: all of it fits into 64 bits
    return ns / kNanosPerSecond * rate_numerator_ + ns % kNanosPerSecond * rate_numerator_ / kNanosPerSecond;
  }
  return static_cast<std::uint64_t>(static_cast<UInt128>(ns) * rate_numerator_ /
                                    (static_cast<UInt128>(kNanosPerSecond) * rate_denominator_));
}

LimiterTime TokenBucket::first_at(std::uint64_t units) const {
  std::uint64_t ns = 0;
  if (units_per_ns_ != 0) {
    ns = (units + units_per_ns_ - 1) / units_per_ns_;
  } else if (rate_denominator_ == 1) {
    ns = units / rate_numerator_ * kNanosPerSecond +
         (units % rate_numerator_ * kNanosPerSecond + rate_numerator_ - 1) / rate_numerator_;
  } else {
    ns = ceil_div(static_cast<UInt128>(units) * kNanosPerSecond * rate_denominator_, rate_numerator_);
  }
  return {static_cast<std::int64_t>(ns)};
}

std::uint64_t TokenBucket::tokens_when(std::uint64_t units_used) const {
  return units_used >= burst_units_ ? 0 : (burst_units_ - units_used) / units_per_token_;
}

Tat TokenBucket::initial(LimiterTime now, Nanos age) const {
  const std::uint64_t start = std::min(spec_.tokens_per_window, spec_.max_burst);
  const std::uint64_t missing = (spec_.max_burst - start) * units_per_token_;
  const std::int64_t created = now.ns - age.count();
  if (created >= 0) return {missing == 0 ? 0 : units_at({created}) + missing};
  const std::uint64_t before_epoch = units_at({-created});
  return {missing > before_epoch ? missing - before_epoch : 0};
}

Tat TokenBucket::holding(std::uint64_t tokens, LimiterTime now) const {
  return {units_at(now) + (spec_.max_burst - std::min(tokens, spec_.max_burst)) * units_per_token_};
}

std::uint64_t TokenBucket::level(Tat state, LimiterTime now) const {
  const std::uint64_t at = units_at(now);
  return tokens_when(state.units > at ? state.units - at : 0);
}

BucketDecision TokenBucket::take(Tat state, LimiterTime now, std::uint64_t cost) const {
  const std::uint64_t at = units_at(now);
  const std::uint64_t full_at = std::max(state.units, at);
  const std::uint64_t used = full_at - at;
  BucketDecision decision;
  decision.next = state;
  if (cost > spec_.max_burst) {
    decision.verdict = Verdict::impossible;
  } else if (const std::uint64_t need = cost * units_per_token_; need == 0) {
    // Nothing asked, nothing changes.
  } else if (used > burst_units_ || need > burst_units_ - used) {
    decision.verdict = Verdict::denied;
    decision.retry_after = first_at(full_at + need - burst_units_) - now;
  } else {
    decision.next = {full_at + need};
    decision.remaining = tokens_when(used + need);
    decision.until_full = first_at(full_at + need) - now;
    return decision;
  }
  decision.remaining = tokens_when(used);
  if (used > 0) decision.until_full = first_at(full_at) - now;
  return decision;
}

Tat TokenBucket::refund(Tat state, Tat after_take, LimiterTime now, std::uint64_t cost) const {
  const std::uint64_t at = units_at(now);
  if (after_take.units <= at || cost > spec_.max_burst) return state;
  // Without that take the bucket would have been full from after_take − cost on; from then on refill is lost.
  const std::uint64_t owed = std::min(cost * units_per_token_, after_take.units - at);
  return {state.units > owed ? state.units - owed : 0};
}

Tat TokenBucket::convert_from(const TokenBucket& old, Tat state, LimiterTime now) const {
  const std::uint64_t old_at = old.units_at(now);
  const std::uint64_t used = state.units > old_at ? state.units - old_at : 0;
  // Below zero only when `now` is behind the clock that wrote the state; the debt is kept too.
  const Int128 held = static_cast<Int128>(old.burst_units_) - static_cast<Int128>(used);
  Int128 units = held * static_cast<Int128>(units_per_token_) / static_cast<Int128>(old.units_per_token_);
  if (held < 0) --units;  // division rounds towards zero, which here would be towards more tokens
  const Int128 burst = static_cast<Int128>(burst_units_);
  units = std::clamp(units, -burst, burst);
  return {units_at(now) + static_cast<std::uint64_t>(burst - units)};
}

std::uint32_t TokenBucket::full_at_second(Tat state) const {
  return static_cast<std::uint32_t>(ceil_div(static_cast<UInt128>(first_at(state.units).ns), kNanosPerSecond));
}

}  // namespace tollgate::core
