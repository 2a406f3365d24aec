#include "stores/sqlite/usage_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tollgate::stores {
namespace {

constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86'400;
constexpr std::int64_t kNow = 20'000 * kDay + 5 * kHour + 61;

WallTime at(std::int64_t second) {
  return WallTime(Seconds(second));
}
AskedRange range(std::int64_t from, std::int64_t to) {
  return {.from = at(from), .to = at(to)};
}
// Seconds of an hour, minutes of two days, hours of a month, days of a year.
const KeptRows kRows{.floors = {},
                     .kept = {Seconds(kHour), Seconds(2 * kDay), Seconds(30 * kDay), Seconds(365 * kDay)},
                     .now = at(kNow)};

TEST(UsagePlan, AnswersFromWholeMinutesAroundTheRange) {
  const auto plan = plan_range(range(kNow - kHour, kNow), kRows);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->finest, kMinuteLevel);
  EXPECT_EQ(plan->answered().from, at(kNow - kHour - 1));
  EXPECT_EQ(plan->answered().to, at(kNow + 59));
  EXPECT_FALSE(plan->answered().kept_from);
}

TEST(UsagePlan, AnswersFromSecondsForTheLastMinutes) {
  const auto plan = plan_range(range(kNow - 300, kNow), kRows);
  EXPECT_EQ(plan->finest, kSecondLevel);
  EXPECT_EQ(plan->answered().from, at(kNow - 300));
  EXPECT_EQ(plan->answered().to, at(kNow));
  EXPECT_EQ(plan_range(range(kNow - 301, kNow), kRows)->finest, kMinuteLevel);
  EXPECT_EQ(plan_range(range(kNow - kHour - 1, kNow - kHour + 9), kRows)->finest, kMinuteLevel);
}

TEST(UsagePlan, GoesToCoarserRowsWhereFinerOnesAreNotKept) {
  EXPECT_EQ(plan_range(range(kNow - 2 * kDay + kMinute, kNow), kRows)->finest, kMinuteLevel);
  const auto hours = plan_range(range(kNow - 3 * kDay, kNow), kRows);
  EXPECT_EQ(hours->finest, kHourLevel);
  EXPECT_EQ(hours->answered().from, at(kNow - 3 * kDay - 61));
  EXPECT_EQ(hours->answered().to, at(kNow - 61 + kHour));
  const auto days = plan_range(range(kNow - 31 * kDay, kNow), kRows);
  EXPECT_EQ(days->finest, kDayLevel);
  EXPECT_FALSE(days->answered().kept_from);
}

TEST(UsagePlan, SaysSinceWhenThereIsAnythingAtAll) {
  const auto plan = plan_range(range(kNow - 400 * kDay, kNow), kRows);
  EXPECT_EQ(plan->finest, kDayLevel);
  EXPECT_EQ(plan->answered().kept_from, at((kNow - 365 * kDay) / kDay * kDay));
}

TEST(UsagePlan, BelievesWhatHasBeenDeletedMoreThanWhatWasPromised) {
  KeptRows rows = kRows;
  rows.floors[kMinuteLevel] = kNow - kHour;
  EXPECT_EQ(plan_range(range(kNow - 2 * kHour, kNow), rows)->finest, kHourLevel);
  EXPECT_EQ(plan_range(range(kNow - kHour + kMinute, kNow), rows)->finest, kMinuteLevel);
}

TEST(UsagePlan, ReportsNothingThatIsNotExact) {
  const std::int64_t minute = kNow - 61;
  EXPECT_TRUE(plan_report(range(minute - kHour, minute), kRows));
  for (const auto& asked : {range(minute - kHour + 1, minute), range(minute - kHour, minute - 1)}) {
    const auto refused = plan_report(asked, kRows);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(codes::invalid_parameter));
    EXPECT_THAT(refused.error().detail(), testing::HasSubstr("the beginning of a minute"));
  }
  const std::int64_t midnight = kNow - kNow % kDay;
  EXPECT_TRUE(plan_report(range(midnight - 3 * kDay - kHour, midnight), kRows));
  EXPECT_FALSE(plan_report(range(midnight - 3 * kDay - kMinute, midnight), kRows));
  EXPECT_TRUE(plan_report(range(midnight - 60 * kDay, midnight - 40 * kDay), kRows));
  EXPECT_FALSE(plan_report(range(midnight - 60 * kDay, midnight - 40 * kDay - kHour), kRows));
  EXPECT_FALSE(plan_report(range(midnight - 400 * kDay, midnight), kRows));
}

TEST(UsagePlan, ChoosesTheLeastRoundStepThatMakesAtMost300Points) {
  const auto step_of = [](std::int64_t span) {
    const auto plan = plan_series(range(kNow - span, kNow), {}, kRows);
    EXPECT_TRUE(plan.has_value()) << span;
    EXPECT_LE(plan->points, 302);
    return plan->step;
  };
  EXPECT_EQ(step_of(60), 1);
  EXPECT_EQ(step_of(kHour), 15);
  EXPECT_EQ(step_of(kDay), 300);
  EXPECT_EQ(step_of(2 * kDay - kMinute), 900);
  EXPECT_EQ(step_of(3 * kDay), kHour) << "minutes are not kept so long";
  EXPECT_EQ(step_of(30 * kDay), 10'800);
  EXPECT_EQ(step_of(60 * kDay), kDay) << "neither are hours";
  EXPECT_EQ(step_of(365 * kDay), 7 * kDay);
}

TEST(UsagePlan, BeginsPointsAtRoundTimesWhereNobodyAskedForAStep) {
  const auto month = plan_series(range(kNow - 29 * kDay, kNow), {}, kRows);
  ASSERT_TRUE(month.has_value());
  EXPECT_EQ(month->range.from % month->step, 0);
  EXPECT_LE(month->range.from, kNow - 29 * kDay);
  EXPECT_GT(month->range.from + month->step, kNow - 29 * kDay);
  EXPECT_EQ(month->coarsest, kHourLevel) << "no finer rows are needed";
  EXPECT_GE(month->range.from + month->points * month->step, kNow);
  const auto weeks = plan_series(range(kNow - 300 * kDay, kNow), {}, kRows);
  EXPECT_EQ(weeks->range.from % kDay, 0);
  EXPECT_EQ(plan_series(range(kNow - 30 * kDay, kNow), {}, kRows)->range.from, kNow - 30 * kDay - 61)
      << "the first hour that is kept";
  const auto asked = plan_series(range(kNow - kDay, kNow), Seconds(kHour), kRows);
  EXPECT_EQ(asked->range.from, kNow - kDay - 1) << "whoever chooses the step chooses where it begins, by the minute";
}

TEST(UsagePlan, RefusesStepsThatAskForMoreThanThereIs) {
  const auto refused = plan_series(range(kNow - 3 * kDay, kNow), Seconds(90 * kMinute), kRows);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::invalid_parameter));
  EXPECT_THAT(refused.error().detail(), testing::HasSubstr("multiples of one hour, 3600 seconds"));
  EXPECT_TRUE(plan_series(range(kNow - 3 * kDay, kNow), Seconds(2 * kHour), kRows));
  EXPECT_FALSE(plan_series(range(kNow - 2 * kHour, kNow), Seconds(1), kRows));
  EXPECT_FALSE(plan_series(range(kNow - kHour, kNow), Seconds(0), kRows));
  EXPECT_FALSE(plan_series(range(kNow - kHour, kNow), Seconds(32 * kDay), kRows));
  EXPECT_FALSE(plan_series(range(kNow, kNow), Seconds(60), kRows));
  EXPECT_FALSE(plan_series(range(-1, kNow), {}, kRows));
}

TEST(UsagePlan, ReadsNoRowThatLiesInTwoPoints) {
  const std::int64_t day = kNow - kNow % kDay;
  EXPECT_EQ(plan_series(range(day - kDay, day), Seconds(kDay), kRows)->coarsest, kDayLevel);
  EXPECT_EQ(plan_series(range(day - kDay + kHour, day), Seconds(kDay), kRows)->coarsest, kHourLevel);
  EXPECT_EQ(plan_series(range(day - kDay, day), Seconds(3 * kHour), kRows)->coarsest, kHourLevel);
  EXPECT_EQ(plan_series(range(day - kDay, day), Seconds(90 * kMinute), kRows)->coarsest, kMinuteLevel);
}

}  // namespace
}  // namespace tollgate::stores
