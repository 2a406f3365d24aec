// What a restart keeps: everything after close(), and never too much after a kill.
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/contract/limit_store_contract.h"
#include "tests/support/limiter_machine.h"

namespace tollgate::stores {
namespace {

class Restart : public ::testing::Test {
 protected:
  core::LimitCheck check(std::uint64_t key, std::uint64_t cost = 1) const { return check_of(rule_, key, cost); }

  core::TokenBucket rule_ = testing::rule_of({.refill_micro = kToken, .max_burst = 100, .tokens_per_window = 100});
  Machine machine_;
};

TEST_F(Restart, FirstStartReportsNothingMissing) {
  EXPECT_TRUE(machine_.store->restored().first_start);
  EXPECT_EQ(machine_.store->restored().problem, "");
}

TEST_F(Restart, AfterCloseEveryLevelIsExactAndOnlyTheTimeDownWasRefilled) {
  machine_.admits(check(1, 90));
  machine_.admits(check(2, 1));
  machine_.stop_cleanly(Seconds(30));
  EXPECT_TRUE(machine_.store->restored().clean);
  EXPECT_EQ(machine_.store->restored().buckets, 1u) << "the other is full by now";
  EXPECT_EQ(machine_.level(check(1)), 40u);
  EXPECT_EQ(machine_.level(check(2)), 100u);
}

TEST_F(Restart, SnapshotsStayTheDrainMapsOverKillsAndCloses) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(machine_.store->snapshot().has_value());
    machine_.kill();
    EXPECT_EQ(machine_.store->restored().problem, "");
    machine_.stop_cleanly();
    EXPECT_EQ(machine_.store->restored().problem, "");
  }
}

TEST_F(Restart, ASnapshotThatBelongsToAnotherDrainMapIsNotUsed) {
  Machine other;
  other.admits(check(1, 90));
  ASSERT_TRUE(other.store->close().has_value());
  machine_.admits(check(1, 10));
  ASSERT_TRUE(machine_.store->close().has_value());
  const std::string snapshot = read_file(other.file("limiter.snapshot")).value();
  ASSERT_TRUE(write_file_atomic(machine_.file("limiter.snapshot"), snapshot, 0600).has_value());
  machine_.kill();
  EXPECT_NE(machine_.store->restored().problem.find("another drain map"), std::string::npos);
  EXPECT_EQ(machine_.store->restored().buckets, 0u);
  EXPECT_FALSE(machine_.store->restored().clean);
}

TEST_F(Restart, DrainedBucketIsStillDrainedAfterAKillWithoutAnySnapshot) {
  machine_.admits(check(1, 100));
  machine_.kill();
  EXPECT_FALSE(machine_.store->restored().clean);
  EXPECT_FALSE(machine_.admits(check(1)));
  machine_.clock.advance(Seconds(50));
  EXPECT_GE(machine_.level(check(1)), 49u);
  EXPECT_LE(machine_.level(check(1)), 51u);
}

TEST_F(Restart, KillBetweenSnapshotsForgetsNothingThatWasTakenAfterTheLast) {
  machine_.admits(check(1, 10));
  ASSERT_TRUE(machine_.store->snapshot().has_value());
  machine_.admits(check(1, 90));
  machine_.kill();
  EXPECT_FALSE(machine_.admits(check(1)));
}

TEST_F(Restart, KillCostsABucketAtMostOneSecondOfRefill) {
  machine_.admits(check(1, 60));
  machine_.kill();
  EXPECT_GE(machine_.level(check(1)), 39u);
  EXPECT_LE(machine_.level(check(1)), 41u);
}

TEST_F(Restart, KillGivesBackAtMostOneSecondOfRefillWhateverWasTaken) {
  const core::TokenBucket fast =
      testing::rule_of({.refill_micro = 10 * kToken, .max_burst = 100, .tokens_per_window = 100});
  for (std::uint64_t cost = 1; cost <= 100; ++cost) {
    machine_.clock.advance(Nanos(cost * 37'000'000));  // any fraction of a second
    const core::LimitCheck check = check_of(fast, cost, cost);
    ASSERT_TRUE(machine_.admits(check));
    machine_.kill();
    EXPECT_LE(machine_.level(check), 100 - cost + 10) << cost;
    EXPECT_GE(machine_.level(check) + 10, 100 - cost) << cost;
  }
}

TEST_F(Restart, UntouchedBucketIsFullAfterAKill) {
  machine_.admits(check(1, 100));
  machine_.kill();
  EXPECT_EQ(machine_.level(check(2)), 100u);
}

TEST_F(Restart, ResetBucketIsNotDrainedFurtherThanItWasByAKill) {
  machine_.admits(check(1, 100));
  ASSERT_TRUE(testing::run_now(machine_.store->reset(check(1))).has_value());
  ASSERT_TRUE(machine_.store->snapshot().has_value());
  machine_.admits(check(1, 100));
  machine_.kill();
  EXPECT_FALSE(machine_.admits(check(1))) << "taken again after the reset and the snapshot";
}

TEST_F(Restart, WallClockStepsWhileDownDoNotMintTokens) {
  machine_.admits(check(1, 100));
  for (const Nanos step : {Nanos(std::chrono::hours(1)), Nanos(std::chrono::hours(-2))}) {
    ASSERT_TRUE(machine_.store->close().has_value());
    machine_.clock.step_wall(step);
    machine_.kill(Seconds(5));
  }
  EXPECT_EQ(machine_.level(check(1)), 10u);
}

TEST_F(Restart, AfterARebootTheWallClockCounts) {
  machine_.admits(check(1, 100));
  ASSERT_TRUE(machine_.store->close().has_value());
  machine_.reboot();
  machine_.kill(Seconds(20));
  EXPECT_EQ(machine_.level(check(1)), 20u);
}

TEST_F(Restart, DamagedSnapshotIsReportedAndTheDrainMapStillHolds) {
  machine_.admits(check(1, 100));
  ASSERT_TRUE(machine_.store->close().has_value());
  std::string content = *read_file(machine_.file("limiter.snapshot"));
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
  ASSERT_TRUE(write_file_atomic(machine_.file("limiter.snapshot"), content, 0600).has_value());
  machine_.kill();
  EXPECT_NE(machine_.store->restored().problem, "");
  EXPECT_FALSE(machine_.store->restored().clean);
  EXPECT_FALSE(machine_.admits(check(1)));
  EXPECT_EQ(machine_.level(check(2)), 100u);
}

TEST_F(Restart, WithoutAReadableDrainMapEveryBucketStartsEmpty) {
  machine_.admits(check(1, 50));
  ASSERT_TRUE(machine_.store->snapshot().has_value());
  ASSERT_TRUE(write_file_atomic(machine_.file("limiter.drains"), "rubbish", 0600).has_value());
  machine_.kill();
  EXPECT_NE(machine_.store->restored().problem, "");
  EXPECT_FALSE(machine_.admits(check(1)));
  EXPECT_FALSE(machine_.admits(check(2)));
  machine_.clock.advance(Seconds(10));
  EXPECT_EQ(machine_.level(check(1)), 10u);
  EXPECT_EQ(machine_.level(check(2)), 10u);
}

TEST_F(Restart, BucketThatNobodyAskedForBetweenAKillAndACloseIsStillDrained) {
  machine_.admits(check(1, 100));
  machine_.admits(check(2, 50));
  ASSERT_TRUE(machine_.store->snapshot().has_value());
  machine_.admits(check(2, 50));
  machine_.admits(check(3, 100));
  machine_.kill();
  machine_.stop_cleanly();
  for (const std::uint64_t key : {1u, 2u, 3u}) EXPECT_FALSE(machine_.admits(check(key))) << key;
}

TEST_F(Restart, AssumptionThatAllIsEmptyOutlivesAnotherKill) {
  ASSERT_TRUE(write_file_atomic(machine_.file("limiter.drains"), "rubbish", 0600).has_value());
  machine_.kill();
  machine_.kill();
  EXPECT_FALSE(machine_.admits(check(1)));
  machine_.stop_cleanly();
  EXPECT_FALSE(machine_.admits(check(1)));
  machine_.clock.advance(Seconds(100));
  EXPECT_EQ(machine_.level(check(1)), 100u);
}

TEST_F(Restart, SmallerCapThanBeforeMakesNoBucketFresh) {
  machine_.start(8u << 20);
  for (std::uint64_t key = 0; key < 20'000; ++key) ASSERT_TRUE(machine_.admits(check(key, 100)));
  ASSERT_TRUE(machine_.store->close().has_value());
  machine_.start(256 * 32 * 16);
  std::uint64_t admitted = 0;
  for (std::uint64_t key = 0; key < 20'000; ++key) admitted += machine_.admits(check(key)) ? 1u : 0u;
  EXPECT_EQ(admitted, 0u);
}

TEST_F(Restart, SharedOverflowBucketIsNotFreshAfterCloseOrKill) {
  machine_.start(256 * 32 * 16);
  std::uint64_t key = 0;
  while (machine_.store->stats().overflow_decisions == 0) machine_.admits(check(++key, 100));
  machine_.stop_cleanly();
  machine_.start(256 * 32 * 16);
  EXPECT_FALSE(machine_.admits(check(key)));
  machine_.kill();
  machine_.start(256 * 32 * 16);
  EXPECT_FALSE(machine_.admits(check(key)));
}

TEST_F(Restart, KeyThatTookFromTheSharedBucketIsNotFreshWhenAKillMadeRoom) {
  machine_.start(256 * 32 * 16);
  std::uint64_t key = 0;
  while (machine_.store->stats().overflow_decisions == 0) machine_.admits(check(++key, 100));
  machine_.start(8u << 20);
  EXPECT_FALSE(machine_.admits(check(key)));
  EXPECT_TRUE(machine_.admits(check(1'000'000)));
}

TEST_F(Restart, DirectoryThatCannotBeWrittenIsAnError) {
  const auto opened = MemoryLimitStore::open(machine_.clock, {.directory = machine_.file("nowhere")});
  ASSERT_FALSE(opened.has_value());
  EXPECT_TRUE(opened.error().is(codes::io_failed));
}

TEST_F(Restart, WithoutADirectoryNothingIsWritten) {
  auto store = std::move(*MemoryLimitStore::open(machine_.clock, {}));
  EXPECT_TRUE(store->snapshot().has_value());
  EXPECT_TRUE(store->close().has_value());
}

}  // namespace
}  // namespace tollgate::stores
