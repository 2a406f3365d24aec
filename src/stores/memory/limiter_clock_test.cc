#include "stores/memory/limiter_clock.h"

#include <gtest/gtest.h>

namespace tollgate::stores {
namespace {

HostMoment moment(char boot, Nanos since_boot, Nanos wall) {
  HostMoment made;
  made.boot.fill(boot);
  made.since_boot = since_boot;
  made.wall = core::kLimiterEpoch + wall;
  return made;
}

TEST(LimiterClock, FirstStartIsWallTimeSinceTheEpoch) {
  EXPECT_EQ(resume({}, moment('a', Seconds(5), Seconds(700))), (core::LimiterTime{700'000'000'000}));
  EXPECT_EQ(resume({}, moment('a', Seconds(5), Seconds(-700))), core::LimiterTime{}) << "a clock before the epoch";
}

TEST(LimiterClock, OnTheSameBootWallStepsDoNotCount) {
  const ClockStamp stamp{moment('a', Seconds(100), Seconds(700)), {42}};
  for (const Nanos wall : {Seconds(-3600), Seconds(701), Seconds(3'000'000)}) {
    EXPECT_EQ(resume({&stamp, 1}, moment('a', Seconds(107), wall)), core::LimiterTime{42} + Seconds(7));
  }
}

TEST(LimiterClock, AfterARebootWallTimeCountsButNeverBackwards) {
  const ClockStamp stamp{moment('a', Seconds(100), Seconds(700)), {42}};
  EXPECT_EQ(resume({&stamp, 1}, moment('b', Seconds(3), Seconds(760))), core::LimiterTime{42} + Seconds(60));
  EXPECT_EQ(resume({&stamp, 1}, moment('b', Seconds(3), Seconds(100))), core::LimiterTime{42});
}

TEST(LimiterClock, WithoutABootIdOnlyWallTimeCounts) {
  const ClockStamp stamp{moment('\0', Seconds(100), Seconds(700)), {42}};
  EXPECT_EQ(resume({&stamp, 1}, moment('\0', Seconds(900), Seconds(701))), core::LimiterTime{42} + Seconds(1));
}

TEST(LimiterClock, OfSeveralStampsOneOfThisBootIsBelieved) {
  const ClockStamp stamps[]{{moment('a', Seconds(1), Seconds(1)), {42}}, {moment('b', Seconds(10), Seconds(2)), {77}}};
  EXPECT_EQ(resume(stamps, moment('b', Seconds(11), Seconds(90'000))), core::LimiterTime{77} + Seconds(1));
}

TEST(LimiterClock, StepsOfTheWallClockDoNotReachARunningClock) {
  ManualClock host;
  const LimiterClock clock(host, {1000});
  host.step_wall(std::chrono::hours(-5));
  EXPECT_EQ(clock.now(), core::LimiterTime{1000});
  host.advance(Seconds(2));
  EXPECT_EQ(clock.now(), core::LimiterTime{1000} + Seconds(2));
}

TEST(HostMoment, KnowsThisBoot) {
  const HostMoment first = read_host_moment();
  const HostMoment second = read_host_moment();
  EXPECT_TRUE(first.same_boot(second));
  EXPECT_GE(second.since_boot, first.since_boot);
}

}  // namespace
}  // namespace tollgate::stores
