#include "base/clock.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock;
  const MonoTime mono = clock.mono_now();
  const WallTime wall = clock.wall_now();
  EXPECT_EQ(clock.mono_now(), mono);
  clock.advance(Seconds(3));
  EXPECT_EQ(clock.mono_now() - mono, Seconds(3));
  EXPECT_EQ(clock.wall_now() - wall, Seconds(3));
}

TEST(ManualClock, AStepOfTheWallClockLeavesTheSteadyOneAlone) {
  ManualClock clock;
  const MonoTime mono = clock.mono_now();
  const WallTime wall = clock.wall_now();
  clock.step_wall(-std::chrono::hours(1));
  EXPECT_EQ(clock.mono_now(), mono);
  EXPECT_EQ(clock.wall_now() - wall, -std::chrono::hours(1));
}

TEST(SystemClock, SteadyTimeNeverGoesBack) {
  const SystemClock clock;
  MonoTime before = clock.mono_now();
  for (int i = 0; i < 10'000; ++i) {
    const MonoTime now = clock.mono_now();
    ASSERT_GE(now, before);
    before = now;
  }
}

TEST(Rfc3339, FormatsUtcWithMilliseconds) {
  EXPECT_EQ(format_rfc3339(WallTime(Nanos(1'790'000'000'123'999'999))), "2026-09-21T14:13:20.123Z");
  EXPECT_EQ(format_rfc3339(WallTime()), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(WallTime(Nanos(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(Rfc3339, ParsesFractionsAndOffsets) {
  const WallTime time = WallTime(Seconds(1'790'000'000));
  EXPECT_EQ(parse_rfc3339("2026-09-21T14:13:20Z"), time);
  EXPECT_EQ(parse_rfc3339("2026-09-21t14:13:20z"), time);
  EXPECT_EQ(parse_rfc3339("2026-09-21T16:13:20+02:00"), time);
  EXPECT_EQ(parse_rfc3339("2026-09-21T04:43:20-09:30"), time);
  EXPECT_EQ(parse_rfc3339("2026-09-21T14:13:20.5Z"), time + Millis(500));
  EXPECT_EQ(parse_rfc3339("2026-09-21T14:13:20.123456789Z"), time + Nanos(123'456'789));
  EXPECT_EQ(parse_rfc3339("2026-09-21T14:13:20.1234567899999Z"), time + Nanos(123'456'789));
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const char* text :
       {"", "2026-09-21", "2026-09-21T14:13:20", "2026-09-21T14:13Z", "2026-09-21 14:13:20Z", "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-09-21T24:00:00Z", "2026-09-21T14:60:00Z", "2026-09-21T14:13:20.Z",
        "2026-09-21T14:13:20Zx", "2026-09-21T14:13:20+2:00", "2026-09-21T14:13:20+24:00", "26-09-21T14:13:20Z",
        "2026-09-21T14:13:20+-1:00", "2026-09-21T-1:13:20Z", "-026-09-21T14:13:20Z", "9999-12-31T23:59:59Z",
        "1677-01-01T00:00:00Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace tollgate
