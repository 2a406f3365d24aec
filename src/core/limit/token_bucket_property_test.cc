// The catalogue's properties, on random rules (log-uniform over the whole range) and random histories.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>
#include <vector>

#include "core/limit/token_bucket.h"
#include "tests/support/oracle_bucket.h"

namespace tollgate::core {
namespace {

using testing::Exact;
using testing::kExactToken;
using testing::OracleBucket;

// 1 … 2^max_bits, each magnitude equally likely, the ends included.
std::uint64_t log_uniform(int max_bits) {
  const int bits = *rc::gen::inRange(0, max_bits + 1);
  const std::uint64_t low = std::uint64_t{1} << bits;
  return bits == max_bits ? low : *rc::gen::inRange<std::uint64_t>(low, low * 2);
}

TokenBucket any_rule() {
  constexpr std::uint64_t kTenYears = 315'360'000;
  TokenBucketSpec spec;
  spec.refill_micro =
      *rc::gen::oneOf(rc::gen::element<std::uint64_t>(1, 16'667, 100'000'000, 700'000'000, 1'000'000'001,
                                                      10'000'000'019, 999'999'999'999'989, 1'000'000'000'000'000),
                      rc::gen::exec([] { return std::min<std::uint64_t>(log_uniform(49), 1'000'000'000'000'000); }));
  const Exact most = static_cast<Exact>(kTenYears) * spec.refill_micro / 1'000'000;
  spec.max_burst =
      static_cast<std::uint64_t>(std::min<Exact>({static_cast<Exact>(log_uniform(39)), most, 1'000'000'000'000}));
  if (spec.max_burst == 0) spec.max_burst = 1;
  spec.tokens_per_window = log_uniform(39);
  auto rule = TokenBucket::make(spec);
  RC_PRE(rule.has_value());
  return *rule;
}

LimiterTime any_moment() {
  return {*rc::gen::inRange<std::int64_t>(0, 788'400'000'000'000'000)};
}  // 25 years

// Whether a nanosecond is a whole number of this rule's units: then nothing at all may be rounded.
bool is_exact(const TokenBucketSpec& spec) {
  constexpr std::uint64_t kMicroNanos = 1'000'000'000'000'000;
  return spec.refill_micro / std::gcd(spec.refill_micro, kMicroNanos) <= 10;
}

// What a quantum of time (at most 2 ns) refills.
Exact tolerance(const OracleBucket& ideal, const TokenBucketSpec& spec) {
  return is_exact(spec) ? 0 : ideal.refill_of(Nanos(2));
}

// A pause between requests: often none, often about the time of a few tokens, sometimes anything.
Nanos any_pause(const TokenBucketSpec& spec) {
  const std::int64_t per_token = static_cast<std::int64_t>(kExactToken / spec.refill_micro) + 1;
  return Nanos(*rc::gen::weightedOneOf<std::int64_t>(
      {{2, rc::gen::just<std::int64_t>(0)},
       {5, rc::gen::inRange<std::int64_t>(0, 3 * per_token)},
       {2, rc::gen::inRange<std::int64_t>(0, 20)},
       {1, rc::gen::inRange<std::int64_t>(
               0, static_cast<std::int64_t>(
                      std::min<Exact>(static_cast<Exact>(per_token) * spec.max_burst + 1, 1'000'000'000'000'000)))}}));
}

std::uint64_t any_cost(const TokenBucketSpec& spec) {
  return *rc::gen::weightedOneOf<std::uint64_t>({{6, rc::gen::inRange<std::uint64_t>(0, 4)},
                                                 {3, rc::gen::inRange<std::uint64_t>(0, spec.max_burst + 1)},
                                                 {1, rc::gen::just(spec.max_burst + 1)},
                                                 {1, rc::gen::arbitrary<std::uint64_t>()}});
}

RC_GTEST_PROP(TokenBucketProperty, AgreesWithTheExactIdealBucket, ()) {
  const TokenBucket rule = any_rule();
  const TokenBucketSpec& spec = rule.spec();
  LimiterTime now = any_moment();
  Tat state = rule.holding(spec.max_burst, now);
  OracleBucket ideal(spec, spec.max_burst, now);
  const Exact slack = tolerance(ideal, spec);
  for (int step = 0; step < 60; ++step) {
    now = now + any_pause(spec);
    const std::uint64_t cost = any_cost(spec);
    ideal.advance(now);
    const BucketDecision decision = rule.take(state, now, cost);
    if (cost > spec.max_burst) {
      RC_ASSERT(decision.verdict == Verdict::impossible);
    } else if (cost != 0 && decision.verdict == Verdict::denied) {
      RC_ASSERT(ideal.level() < static_cast<Exact>(cost) * kExactToken + slack);
      RC_ASSERT(decision.next == state);
      const Nanos difference = decision.retry_after - ideal.wait(cost, now);
      RC_ASSERT(difference >= -Nanos(slack == 0 ? 0 : 3));
      RC_ASSERT(difference <= Nanos(slack == 0 ? 0 : 3));
    } else {
      RC_ASSERT(ideal.level() >= static_cast<Exact>(cost) * kExactToken - slack);
      ideal.debit(cost, now);
    }
    state = decision.next;
    if (slack == 0) RC_ASSERT(decision.remaining == ideal.tokens(now));
  }
}

RC_GTEST_PROP(TokenBucketProperty, NeverAdmitsMoreThanBurstPlusRateTimesTimeInAnyInterval, ()) {
  const TokenBucket rule = any_rule();
  const TokenBucketSpec& spec = rule.spec();
  LimiterTime now = any_moment();
  Tat state = rule.initial(now, Nanos(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000)));
  struct Admitted {
    LimiterTime at;
    std::uint64_t cost;
  };
  std::vector<Admitted> admitted;
  for (int step = 0; step < 50; ++step) {
    now = now + any_pause(spec);
    const std::uint64_t cost = any_cost(spec);
    const BucketDecision decision = rule.take(state, now, cost);
    state = decision.next;
    if (decision.verdict == Verdict::allowed) admitted.push_back({now, cost});
  }
  const OracleBucket ideal(spec, 0, now);
  for (std::size_t from = 0; from < admitted.size(); ++from) {
    Exact sum = 0;
    for (std::size_t to = from; to < admitted.size(); ++to) {
      sum += admitted[to].cost * kExactToken;
      RC_ASSERT(sum <= spec.max_burst * kExactToken + ideal.refill_of(admitted[to].at - admitted[from].at) +
                           tolerance(ideal, spec));
    }
  }
}

RC_GTEST_PROP(TokenBucketProperty, DeniedAtAnyEarlierMomentAndAllowedAtRetryAfter, ()) {
  const TokenBucket rule = any_rule();
  const LimiterTime now = any_moment();
  const std::uint64_t burst = rule.spec().max_burst;
  const std::uint64_t tokens = *rc::gen::inRange<std::uint64_t>(0, burst);
  const std::uint64_t cost = *rc::gen::inRange<std::uint64_t>(tokens + 1, burst + 1);
  const Tat state = rule.holding(tokens, now);
  const BucketDecision denied = rule.take(state, now, cost);
  RC_ASSERT(denied.verdict == Verdict::denied);
  RC_ASSERT(denied.retry_after > Nanos(0));
  RC_ASSERT(rule.take(state, now + denied.retry_after, cost).verdict == Verdict::allowed);
  const std::int64_t any_earlier = *rc::gen::inRange<std::int64_t>(1, denied.retry_after.count() + 1);
  for (const std::int64_t early : {std::int64_t{1}, any_earlier}) {
    RC_ASSERT(rule.take(state, now + denied.retry_after - Nanos(early), cost).verdict == Verdict::denied);
  }
}

RC_GTEST_PROP(TokenBucketProperty, ClientAtTheRateIsNeverDeniedAfterOneDrain, ()) {
  const TokenBucket rule = any_rule();
  const TokenBucketSpec& spec = rule.spec();
  const LimiterTime start = any_moment();
  Tat state = rule.take(rule.holding(spec.max_burst, start), start, spec.max_burst).next;
  const Exact gap = (kExactToken + spec.refill_micro - 1) / spec.refill_micro;  // no faster than the rate, in whole ns
  for (Exact i = 1; i <= 200; ++i) {
    const Exact due = i * gap;
    if (due > 400'000'000'000'000'000) break;  // beyond the range of `now`
    const BucketDecision decision = rule.take(state, start + Nanos(static_cast<std::int64_t>(due)), 1);
    RC_ASSERT(decision.verdict == Verdict::allowed);
    state = decision.next;
  }
}

RC_GTEST_PROP(TokenBucketProperty, ClockStepBackAddsNothingAndDoesNotMoveTheMomentOfAdmission, ()) {
  const TokenBucket rule = any_rule();
  const std::uint64_t burst = rule.spec().max_burst;
  const LimiterTime now = any_moment();
  const LimiterTime before{*rc::gen::inRange<std::int64_t>(0, now.ns + 1)};
  const Tat state = rule.take(rule.holding(burst, now), now, *rc::gen::inRange<std::uint64_t>(0, burst + 1)).next;
  RC_ASSERT(rule.level(state, before) <= rule.level(state, now));
  const BucketDecision then = rule.take(state, now, burst);
  const BucketDecision stepped = rule.take(state, before, burst);
  if (then.verdict == Verdict::denied) {
    RC_ASSERT(stepped.verdict == Verdict::denied);
    RC_ASSERT(before + stepped.retry_after == now + then.retry_after);
  }
}

RC_GTEST_PROP(TokenBucketProperty, ForwardStepAddsAtMostTheBurst, ()) {
  const TokenBucket rule = any_rule();
  const LimiterTime now = any_moment();
  const Tat state = rule.holding(0, now);
  RC_ASSERT(rule.level(state, now + Nanos(*rc::gen::inRange<std::int64_t>(0, 400'000'000'000'000'000))) <=
            rule.spec().max_burst);
}

// Two worlds with the same later requests: in one, a take happened and was refunded; in the other it never happened.
RC_GTEST_PROP(TokenBucketProperty, RefundNeverLeavesMoreThanHadTheTakeNotHappened, ()) {
  const TokenBucket rule = any_rule();
  const TokenBucketSpec& spec = rule.spec();
  LimiterTime now = any_moment();
  const Tat start = rule.holding(*rc::gen::inRange<std::uint64_t>(0, spec.max_burst + 1), now);
  const std::uint64_t refunded = *rc::gen::inRange<std::uint64_t>(1, spec.max_burst + 1);
  const BucketDecision taken = rule.take(start, now, refunded);
  RC_PRE(taken.verdict == Verdict::allowed);
  Tat with = taken.next;
  Tat without = start;
  for (int step = *rc::gen::inRange(0, 8); step-- > 0;) {
    now = now + any_pause(spec);
    const std::uint64_t cost = *rc::gen::inRange<std::uint64_t>(0, spec.max_burst + 1);
    const BucketDecision other = rule.take(with, now, cost);
    if (other.verdict != Verdict::allowed) continue;
    with = other.next;
    without = rule.take(without, now, cost).next;
  }
  const Tat after = rule.refund(with, taken.next, now, refunded);
  RC_ASSERT(after <= with);
  RC_ASSERT(rule.level(after, now) <= rule.level(without, now));
  RC_ASSERT(rule.refund(after, taken.next, now + Seconds(400'000'000), refunded) == after);
}

RC_GTEST_PROP(TokenBucketProperty, ConversionMintsNothingAndLosesLessThanAMicroToken, ()) {
  const TokenBucket from = any_rule();
  const TokenBucket to = any_rule();
  const LimiterTime now = any_moment();
  const std::uint64_t tokens = *rc::gen::inRange<std::uint64_t>(0, from.spec().max_burst + 1);
  const std::uint64_t converted = to.level(to.convert_from(from, from.holding(tokens, now), now), now);
  RC_ASSERT(converted == std::min(tokens, to.spec().max_burst));
  const Tat there = to.convert_from(from, from.holding(tokens, {now.ns / 2}), now);
  RC_ASSERT(to.level(there, now) <= from.level(from.holding(tokens, {now.ns / 2}), now));
}

}  // namespace
}  // namespace tollgate::core
