// What every limit store promises, one test per promise. An adapter's test defines a harness and instantiates:
//
//   struct MyHarness {
//     ports::LimitStore& store();
//     void advance(Nanos by);          // moves the store's clock, which otherwise stands still
//     core::LimiterTime now() const;   // what that clock says
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, LimitStoreContract, MyHarness);
//
// A harness is made fresh, default-constructed, for each test and each random history.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <vector>

#include "ports/limit_store.h"
#include "tests/contract/limit_store_oracle.h"
#include "tests/support/run_now.h"

namespace tollgate::testing {

inline core::TokenBucket rule_of(core::TokenBucketSpec spec) {
  auto rule = core::TokenBucket::make(spec);
  TG_ASSERT(rule.has_value());
  return *rule;
}

inline void expect_same(const core::LimitAnswer& got, const core::LimitAnswer& want) {
  RC_ASSERT(static_cast<int>(got.verdict) == static_cast<int>(want.verdict));
  RC_ASSERT(got.remaining == want.remaining);
  RC_ASSERT(got.level_before == want.level_before);
  RC_ASSERT(got.retry_after.count() == want.retry_after.count());
  RC_ASSERT(got.until_full.count() == want.until_full.count());
}

template <class Harness>
class LimitStoreContract : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kToken = 1'000'000;

  core::LimitCheck check(const core::TokenBucket& rule, std::uint64_t bucket, std::uint64_t cost = 1) const {
    return {.rule = &rule,
            .bucket = {bucket * 0x9e37'79b9'7f4a'7c15, bucket * 0xc2b2'ae3d'27d4'eb4f},
            .cost = cost,
            .created = core::kLimiterEpoch + Nanos(harness_.now().ns),
            .shadow = false};
  }
  core::LimitOutcome apply(std::vector<core::LimitCheck> checks, ports::ApplyOptions options = {}) {
    return run_now(harness_.store().apply(checks, options)).value();
  }
  std::uint64_t level(const core::LimitCheck& of) { return run_now(harness_.store().read(of)).value().remaining; }

  Harness harness_;
  core::TokenBucket ten_ = rule_of({.refill_micro = 10 * kToken, .max_burst = 10, .tokens_per_window = 10});
  core::TokenBucket hundred_ = rule_of({.refill_micro = kToken, .max_burst = 100, .tokens_per_window = 100});
};

TYPED_TEST_SUITE_P(LimitStoreContract);

TYPED_TEST_P(LimitStoreContract, AdmitsExactlyTheBurstAtOneInstant) {
  const core::LimitCheck check = this->check(this->ten_, 1);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(this->apply({check}).allowed);
  const core::LimitOutcome denied = this->apply({check});
  EXPECT_FALSE(denied.allowed);
  EXPECT_EQ(denied.refused_by, 0);
  EXPECT_EQ(denied.answers[0].retry_after, Millis(100));
  this->harness_.advance(Millis(100) - Nanos(1));
  EXPECT_FALSE(this->apply({check}).allowed);
  this->harness_.advance(Nanos(1));
  EXPECT_TRUE(this->apply({check}).allowed);
}

TYPED_TEST_P(LimitStoreContract, DenialByOneLimitTakesFromNone) {
  const core::LimitCheck small = this->check(this->ten_, 1, 10);
  const core::LimitCheck large = this->check(this->hundred_, 2, 10);
  EXPECT_TRUE(this->apply({small, large}).allowed);
  for (const bool small_first : {true, false}) {
    const core::LimitOutcome denied = small_first ? this->apply({small, large}) : this->apply({large, small});
    EXPECT_FALSE(denied.allowed);
    EXPECT_EQ(denied.refused_by, small_first ? 0 : 1);
    EXPECT_EQ(denied.answers[small_first ? 1 : 0].verdict, core::Verdict::allowed);
    EXPECT_EQ(denied.answers[small_first ? 1 : 0].remaining, 90u);
  }
  EXPECT_EQ(this->level(large), 90u);
}

TYPED_TEST_P(LimitStoreContract, RefusalNamesTheLongestWait) {
  this->apply({this->check(this->ten_, 1, 10), this->check(this->hundred_, 2, 100)});
  EXPECT_EQ(this->apply({this->check(this->ten_, 1), this->check(this->hundred_, 2)}).refused_by, 1);
  EXPECT_EQ(this->apply({this->check(this->hundred_, 2), this->check(this->ten_, 1)}).refused_by, 0);
  EXPECT_EQ(this->apply({this->check(this->hundred_, 2), this->check(this->ten_, 3, 11)}).refused_by, 1)
      << "never is the longest wait";
}

TYPED_TEST_P(LimitStoreContract, ShadowLimitReportsButNeverRefuses) {
  core::LimitCheck shadow = this->check(this->ten_, 1, 8);
  shadow.shadow = true;
  const core::LimitCheck enforced = this->check(this->hundred_, 2);
  EXPECT_EQ(this->apply({shadow, enforced}).answers[0].remaining, 2u);
  const core::LimitOutcome second = this->apply({shadow, enforced});
  EXPECT_TRUE(second.allowed);
  EXPECT_EQ(second.answers[0].verdict, core::Verdict::denied);
  EXPECT_EQ(second.answers[0].remaining, 2u);
  EXPECT_EQ(this->level(enforced), 98u);
}

TYPED_TEST_P(LimitStoreContract, ShadowLimitIsNotTakenFromWhenAnotherRefuses) {
  core::LimitCheck shadow = this->check(this->hundred_, 1);
  shadow.shadow = true;
  EXPECT_FALSE(this->apply({shadow, this->check(this->ten_, 2, 11)}).allowed);
  EXPECT_EQ(this->level(shadow), 100u);
}

TYPED_TEST_P(LimitStoreContract, PeekAnswersAsIfAndTakesNothing) {
  const core::LimitCheck check = this->check(this->ten_, 1, 4);
  for (int i = 0; i < 5; ++i) {
    const core::LimitOutcome peeked = this->apply({check}, {.peek = true});
    EXPECT_TRUE(peeked.allowed);
    EXPECT_EQ(peeked.answers[0].remaining, 6u);
  }
  EXPECT_EQ(this->level(check), 10u);
}

TYPED_TEST_P(LimitStoreContract, CostAboveTheBurstIsImpossibleAndTakesNothing) {
  const core::LimitCheck check = this->check(this->ten_, 1, 11);
  EXPECT_EQ(this->apply({check}).answers[0].verdict, core::Verdict::impossible);
  EXPECT_EQ(this->level(check), 10u);
}

TYPED_TEST_P(LimitStoreContract, OneBucketTwiceInOneRequestIsTakenFromTwiceOrNotAtAll) {
  const core::LimitCheck check = this->check(this->ten_, 1, 4);
  EXPECT_TRUE(this->apply({check, check}).allowed);
  EXPECT_EQ(this->level(check), 2u);
  this->harness_.advance(Millis(400));
  EXPECT_FALSE(this->apply({check, check}).allowed);
  EXPECT_EQ(this->level(check), 6u);
}

TYPED_TEST_P(LimitStoreContract, BucketsOfTuplesThatJoinToTheSameTextAreApart) {
  core::LimitCheck first = this->check(this->ten_, 0, 10);
  core::LimitCheck second = first;
  first.bucket = hash_tuple({"key", "a", "b:c"}, 7);
  second.bucket = hash_tuple({"key", "a:b", "c"}, 7);
  EXPECT_TRUE(this->apply({first}).allowed);
  EXPECT_TRUE(this->apply({second}).allowed);
  EXPECT_FALSE(this->apply({first}).allowed);
}

TYPED_TEST_P(LimitStoreContract, NewBucketStartsWithItsWindowAndForgettingItChangesNothing) {
  const core::TokenBucket rule = rule_of({.refill_micro = 1'000'000, .max_burst = 100, .tokens_per_window = 10});
  const core::LimitCheck check = this->check(rule, 1);
  EXPECT_EQ(this->level(check), 10u);
  this->harness_.advance(Seconds(20));
  EXPECT_EQ(this->level(check), 30u);
  EXPECT_TRUE(this->apply({check}).allowed);
  EXPECT_EQ(this->level(check), 29u);
}

TYPED_TEST_P(LimitStoreContract, ResetMakesTheBucketFullEvenIfItsAgeWouldNot) {
  const core::TokenBucket rule = rule_of({.refill_micro = 1'000'000, .max_burst = 100, .tokens_per_window = 10});
  const core::LimitCheck used = this->check(rule, 1, 7);
  const core::LimitCheck fresh = this->check(rule, 2);
  this->apply({used});
  for (const core::LimitCheck& check : {used, fresh}) {
    ASSERT_TRUE(run_now(this->harness_.store().reset(check)).has_value());
    EXPECT_EQ(this->level(check), 100u);
  }
}

TYPED_TEST_P(LimitStoreContract, MigrationCarriesTheLevelAndRetiresTheOldBucket) {
  const core::LimitCheck from = this->check(this->hundred_, 1, 95);
  const core::LimitCheck to = this->check(this->ten_, 2);
  this->apply({from});
  ASSERT_TRUE(run_now(this->harness_.store().migrate(from, to)).has_value());
  EXPECT_EQ(this->level(to), 5u);
  core::LimitCheck late = from;
  late.cost = 1;
  const core::LimitOutcome outcome = this->apply({late});
  EXPECT_FALSE(outcome.allowed) << "somebody who still had the old numbers took tokens that were carried over";
  EXPECT_TRUE(outcome.retired);
  ASSERT_TRUE(run_now(this->harness_.store().migrate(from, to)).has_value()) << "again does no harm";
  EXPECT_EQ(this->level(to), 5u);
}

TYPED_TEST_P(LimitStoreContract, RaisingTheBurstMintsNothing) {
  const core::LimitCheck from = this->check(this->ten_, 1);
  const core::LimitCheck to = this->check(this->hundred_, 2);
  ASSERT_TRUE(run_now(this->harness_.store().migrate(from, to)).has_value());
  EXPECT_EQ(this->level(to), 10u) << "a bucket that nobody had used was full of ten";
}

// By one of three callers, created at most two seconds before `start`.
inline core::LimitCheck any_check_of(std::span<const core::TokenBucket> rules, core::LimiterTime start) {
  const auto rule = *rc::gen::inRange<std::size_t>(0, rules.size());
  const std::uint64_t burst = rules[rule].spec().max_burst;
  const auto key = *rc::gen::inRange<std::uint64_t>(1, 4);
  return {.rule = &rules[rule],
          .bucket = {key << 60 | key, (rule + 1) << 56 | key},
          .cost = *rc::gen::weightedOneOf<std::uint64_t>(
              {{4, rc::gen::inRange<std::uint64_t>(0, 4)}, {2, rc::gen::inRange<std::uint64_t>(0, burst + 2)}}),
          .created = core::kLimiterEpoch + Nanos(start.ns) + Seconds(static_cast<std::int64_t>(key) - 3),
          .shadow = *rc::gen::inRange(0, 8) == 0};
}

// Random requests by random callers at random times: every figure of every answer as the oracle has it.
TYPED_TEST_P(LimitStoreContract, AgreesWithTheOracleOnRandomHistories) {
  const std::array<core::TokenBucket, 4> rules{
      rule_of({.refill_micro = 10'000'000, .max_burst = 10, .tokens_per_window = 10}),
      rule_of({.refill_micro = 16'667, .max_burst = 5, .tokens_per_window = 2}),
      rule_of({.refill_micro = 1'234'567'891, .max_burst = 3000, .tokens_per_window = 3000}),
      rule_of({.refill_micro = 98'765'432'101, .max_burst = 100'000, .tokens_per_window = 50'000})};
  const auto property = [&] {
    TypeParam harness;
    LimitStoreOracle oracle;
    const core::LimiterTime start = harness.now();
    const auto any_check = [&] { return any_check_of(rules, start); };
    for (int step = 0; step < 40; ++step) {  // less than the minute for which a bucket stays retired
      harness.advance(
          Nanos(*rc::gen::weightedOneOf<std::int64_t>({{3, rc::gen::just<std::int64_t>(0)},
                                                       {3, rc::gen::inRange<std::int64_t>(0, 200'000'000)},
                                                       {1, rc::gen::inRange<std::int64_t>(0, 1'400'000'000)}})));
      const core::LimiterTime now = harness.now();
      const int action = *rc::gen::inRange(0, 20);
      if (action == 0) {
        const core::LimitCheck check = any_check();
        RC_ASSERT(run_now(harness.store().reset(check)).has_value());
        oracle.reset(check, now);
      } else if (action == 1) {
        const core::LimitCheck check = any_check();
        const core::LimitAnswer got = run_now(harness.store().read(check)).value();
        RC_ASSERT(got.remaining == oracle.holds(check, now).remaining);
      } else if (action == 2) {
        const core::LimitCheck from = any_check();
        const core::LimitCheck to = any_check();
        if (from.bucket == to.bucket) continue;
        RC_ASSERT(run_now(harness.store().migrate(from, to)).has_value());
        oracle.migrate(from, to, now);
      } else {
        std::vector<core::LimitCheck> checks;
        for (int count = *rc::gen::inRange(1, 5); count > 0; --count) {
          const core::LimitCheck check = any_check();
          const auto same = [&](const core::LimitCheck& other) { return other.bucket == check.bucket; };
          if (std::ranges::none_of(checks, same)) checks.push_back(check);
        }
        const bool peek = *rc::gen::inRange(0, 6) == 0;
        const core::LimitOutcome got = run_now(harness.store().apply(checks, {.peek = peek})).value();
        const core::LimitOutcome want = oracle.apply(checks, peek, now);
        RC_ASSERT(got.allowed == want.allowed);
        RC_ASSERT(got.refused_by == want.refused_by);
        RC_ASSERT(got.retired == want.retired);
        for (std::size_t i = 0; i < checks.size(); ++i) expect_same(got.answers[i], want.answers[i]);
      }
    }
  };
  rc::detail::checkGTest(property);
}

REGISTER_TYPED_TEST_SUITE_P(LimitStoreContract, AdmitsExactlyTheBurstAtOneInstant, DenialByOneLimitTakesFromNone,
                            RefusalNamesTheLongestWait, ShadowLimitReportsButNeverRefuses,
                            ShadowLimitIsNotTakenFromWhenAnotherRefuses, PeekAnswersAsIfAndTakesNothing,
                            CostAboveTheBurstIsImpossibleAndTakesNothing,
                            OneBucketTwiceInOneRequestIsTakenFromTwiceOrNotAtAll,
                            BucketsOfTuplesThatJoinToTheSameTextAreApart,
                            NewBucketStartsWithItsWindowAndForgettingItChangesNothing,
                            ResetMakesTheBucketFullEvenIfItsAgeWouldNot, MigrationCarriesTheLevelAndRetiresTheOldBucket,
                            RaisingTheBurstMintsNothing, AgreesWithTheOracleOnRandomHistories);

}  // namespace tollgate::testing
