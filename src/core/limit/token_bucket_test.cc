#include "core/limit/token_bucket.h"

#include <gtest/gtest.h>

namespace tollgate::core {
namespace {

constexpr LimiterTime kNow{50'000'000'000'000'000};  // 19 months after the epoch
constexpr std::uint64_t kToken = 1'000'000;          // micro-tokens

TokenBucket bucket(TokenBucketSpec spec) {
  auto made = TokenBucket::make(spec);
  EXPECT_TRUE(made.has_value());
  return *made;
}

TEST(TokenBucket, FullBucketAdmitsExactlyItsBurstAtOneInstant) {
  const TokenBucket rule = bucket({.refill_micro = 10 * kToken, .max_burst = 100, .tokens_per_window = 100});
  Tat state;
  for (std::uint64_t left = 100; left-- > 0;) {
    const BucketDecision decision = rule.take(state, kNow, 1);
    ASSERT_EQ(decision.verdict, Verdict::allowed);
    ASSERT_EQ(decision.remaining, left);
    state = decision.next;
  }
  EXPECT_EQ(rule.take(state, kNow, 1).verdict, Verdict::denied);
}

TEST(TokenBucket, DenialNamesTheFirstNanosecondAtWhichItIsAllowed) {
  const TokenBucket rule = bucket({.refill_micro = 7 * kToken, .max_burst = 3, .tokens_per_window = 3});
  const Tat empty = rule.take({}, kNow, 3).next;
  const BucketDecision denied = rule.take(empty, kNow, 2);
  ASSERT_EQ(denied.verdict, Verdict::denied);
  EXPECT_EQ(denied.next, empty);
  EXPECT_EQ(denied.retry_after, Nanos(285'714'286));  // 2 ÷ 7 s, rounded up
  EXPECT_EQ(rule.take(empty, kNow + denied.retry_after - Nanos(1), 2).verdict, Verdict::denied)
      << "one nanosecond early";
  EXPECT_EQ(rule.take(empty, kNow + denied.retry_after, 2).verdict, Verdict::allowed);
}

TEST(TokenBucket, CostAboveTheBurstIsImpossibleAndTakesNothing) {
  const TokenBucket rule = bucket({.refill_micro = kToken, .max_burst = 5, .tokens_per_window = 5});
  for (const std::uint64_t cost : {std::uint64_t{6}, ~std::uint64_t{0}}) {
    const BucketDecision decision = rule.take({}, kNow, cost);
    EXPECT_EQ(decision.verdict, Verdict::impossible);
    EXPECT_EQ(decision.next, Tat{});
    EXPECT_EQ(decision.remaining, 5u);
    EXPECT_EQ(decision.retry_after, Nanos(0));
  }
}

TEST(TokenBucket, CostZeroIsAllowedEvenWhenEmptyAndChangesNothing) {
  const TokenBucket rule = bucket({.refill_micro = kToken, .max_burst = 5, .tokens_per_window = 5});
  const Tat empty = rule.take({}, kNow, 5).next;
  const BucketDecision decision = rule.take(empty, kNow, 0);
  EXPECT_EQ(decision.verdict, Verdict::allowed);
  EXPECT_EQ(decision.next, empty);
  EXPECT_EQ(decision.remaining, 0u);
  EXPECT_EQ(decision.until_full, Seconds(5));
}

TEST(TokenBucket, NewBucketStartsWithTheWindowAndFillsByAge) {
  const TokenBucket rule = bucket({.refill_micro = 10 * kToken, .max_burst = 100, .tokens_per_window = 30});
  EXPECT_EQ(rule.level(rule.initial(kNow, Nanos(0)), kNow), 30u);
  EXPECT_EQ(rule.level(rule.initial(kNow, Seconds(2)), kNow), 50u);
  EXPECT_EQ(rule.level(rule.initial(kNow, Seconds(60)), kNow), 100u);
}

TEST(TokenBucket, LevelWithoutStateDependsOnTheMomentOfCreationOnly) {
  const TokenBucket rule = bucket({.refill_micro = 333'333, .max_burst = 100, .tokens_per_window = 30});
  const Tat first = rule.initial(kNow, Seconds(5));
  EXPECT_EQ(rule.initial(kNow + Seconds(40), Seconds(45)), first);
}

TEST(TokenBucket, BucketCreatedBeforeTheEpochKeepsItsAge) {
  const TokenBucket rule = bucket({.refill_micro = 1, .max_burst = 2, .tokens_per_window = 1});  // 11.5 days a token
  const LimiterTime early{1'000'000'000};
  EXPECT_EQ(rule.level(rule.initial(early, Seconds(1)), early), 1u);
  EXPECT_EQ(rule.level(rule.initial(early, Seconds(999'999)), early), 1u);
  EXPECT_EQ(rule.level(rule.initial(early, Seconds(1'000'000)), early), 2u);
}

TEST(TokenBucket, RefundRestoresWhatWasTaken) {
  const TokenBucket rule = bucket({.refill_micro = kToken, .max_burst = 10, .tokens_per_window = 10});
  const Tat first = rule.take({}, kNow, 4).next;
  const Tat both = rule.take(first, kNow, 3).next;
  EXPECT_EQ(rule.level(rule.refund(both, first, kNow, 4), kNow), 7u);
}

TEST(TokenBucket, RefundAfterTheBucketFilledUpChangesNothing) {
  const TokenBucket rule = bucket({.refill_micro = kToken, .max_burst = 10, .tokens_per_window = 10});
  const Tat first = rule.take({}, kNow, 4).next;
  const LimiterTime later = kNow + Seconds(4);
  const Tat second = rule.take(first, later, 10).next;
  EXPECT_EQ(rule.refund(second, first, later, 4), second);
}

TEST(TokenBucket, RefundDoesNotGiveBackRefillThatAFullBucketWouldHaveLost) {
  const TokenBucket rule = bucket({.refill_micro = kToken, .max_burst = 10, .tokens_per_window = 10});
  const Tat first = rule.take({}, kNow, 5).next;
  const LimiterTime later = kNow + Seconds(3);
  const Tat second = rule.take(first, later, 8).next;  // drains it: 5 + 3 refilled
  // Had the first take not happened, 10 − 8 would be left now, not 5.
  EXPECT_EQ(rule.level(rule.refund(second, first, later, 5), later), 2u);
}

TEST(TokenBucket, LoweringTheBurstClampsAndRaisingItMintsNothing) {
  const TokenBucket small = bucket({.refill_micro = kToken, .max_burst = 10, .tokens_per_window = 10});
  const TokenBucket large = bucket({.refill_micro = 70 * kToken, .max_burst = 1000, .tokens_per_window = 1000});
  const Tat eight = large.holding(8, kNow);
  EXPECT_EQ(small.level(small.convert_from(large, eight, kNow), kNow), 8u);
  EXPECT_EQ(small.level(small.convert_from(large, {}, kNow), kNow), 10u);
  EXPECT_EQ(large.level(large.convert_from(small, {}, kNow), kNow), 10u);
  EXPECT_EQ(large.level(large.convert_from(small, small.holding(0, kNow), kNow), kNow), 0u);
}

TEST(TokenBucket, ConversionKeepsFractionsOfATokenAndRoundsThemDown) {
  const TokenBucket slow = bucket({.refill_micro = kToken, .max_burst = 10, .tokens_per_window = 10});
  const TokenBucket fast = bucket({.refill_micro = 10 * kToken, .max_burst = 10, .tokens_per_window = 10});
  const Tat half = fast.convert_from(slow, slow.holding(0, {kNow.ns - 500'000'000}), kNow);
  EXPECT_EQ(fast.take(half, kNow, 1).retry_after, Millis(50));
}

TEST(TokenBucket, WindowIsRoundedUpToWholeSeconds) {
  EXPECT_EQ(bucket({.refill_micro = 10 * kToken, .max_burst = 1, .tokens_per_window = 100}).window_seconds(), 10u);
  EXPECT_EQ(bucket({.refill_micro = 3 * kToken, .max_burst = 1, .tokens_per_window = 10}).window_seconds(), 4u);
  EXPECT_EQ(bucket({.refill_micro = kToken, .max_burst = 1, .tokens_per_window = 1}).window_seconds(), 1u);
}

TEST(TokenBucket, FullAtSecondIsNeverBeforeTheBucketIsFull) {
  const TokenBucket rule = bucket({.refill_micro = 7 * kToken, .max_burst = 100, .tokens_per_window = 100});
  const BucketDecision decision = rule.take({}, kNow, 1);
  const LimiterTime full = kNow + decision.until_full;
  const LimiterTime second{std::int64_t{rule.full_at_second(decision.next)} * 1'000'000'000};
  EXPECT_GE(second, full);
  EXPECT_LT(second - full, Seconds(1));
}

TEST(TokenBucket, NumbersOutOfRangeAreRefused) {
  const TokenBucketSpec good{.refill_micro = kToken, .max_burst = 1, .tokens_per_window = 1};
  const auto refused = [&](auto change) {
    TokenBucketSpec spec = good;
    change(spec);
    const auto made = TokenBucket::make(spec);
    return !made && made.error().is(codes::invalid_parameter);
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& spec) { spec.refill_micro = 0; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.refill_micro = 1'000'000'000'000'001; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.max_burst = 0; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.max_burst = 1'000'000'000'001; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.tokens_per_window = 0; }));
  EXPECT_TRUE(refused([](auto& spec) { spec.max_burst = 315'360'001; })) << "fills in ten years and a second";
  EXPECT_FALSE(refused([](auto& spec) { spec.max_burst = 315'360'000; }));
}

TEST(TokenBucket, TwentyIdleYearsAndExtremeNumbersDoNotOverflow) {
  const LimiterTime far{std::int64_t{25 * 365} * 86'400 * 1'000'000'000};
  for (const TokenBucketSpec spec :
       {TokenBucketSpec{.refill_micro = 1, .max_burst = 315, .tokens_per_window = 315},
        {.refill_micro = 1'000'000'000'000'000, .max_burst = 1'000'000'000'000, .tokens_per_window = 1},
        {.refill_micro = 999'999'999'999'989, .max_burst = 1'000'000'000'000, .tokens_per_window = 1},
        {.refill_micro = 3'170'979'199, .max_burst = 1'000'000'000'000, .tokens_per_window = 1}}) {
    const TokenBucket rule = bucket(spec);
    const Tat drained = rule.take({}, LimiterTime{0}, spec.max_burst).next;
    EXPECT_EQ(rule.level(drained, {0}), 0u);
    EXPECT_EQ(rule.level(drained, far), spec.max_burst);
    const BucketDecision again = rule.take(drained, far, spec.max_burst);
    EXPECT_EQ(again.verdict, Verdict::allowed);
    EXPECT_EQ(again.remaining, 0u);
    const BucketDecision denied = rule.take(again.next, far, spec.max_burst);
    EXPECT_EQ(denied.verdict, Verdict::denied);
    EXPECT_EQ(rule.take(again.next, far + denied.retry_after, spec.max_burst).verdict, Verdict::allowed);
    EXPECT_EQ(rule.take(again.next, far + denied.retry_after - Nanos(1), spec.max_burst).verdict, Verdict::denied);
  }
}

}  // namespace
}  // namespace tollgate::core
