#include "services/analytics/live_feed.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "core/usage/random_records_test.h"

namespace tollgate::services {
namespace {

core::DecisionRecord record_of(std::uint64_t key, core::NameRef route, core::Outcome outcome = core::Outcome::allowed) {
  core::DecisionRecord record;
  record.key = key;
  record.route = route;
  record.outcome = outcome;
  record.status = outcome == core::Outcome::limited ? 429 : 200;
  record.total_us = 1000;
  return record;
}

class LiveFeedTest : public ::testing::Test {
 protected:
  void take(std::vector<core::DecisionRecord> records) { feed_.take(records); }
  std::vector<core::DecisionRecord> many(std::size_t count, std::uint64_t key, core::NameRef route) {
    return std::vector(count, record_of(key, route));
  }

  ManualClock clock_;
  LiveFeed feed_{clock_};
};

TEST_F(LiveFeedTest, TheSumOfItsSecondsIsEverythingThatCameIn) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  core::RollupCounts all, seen;
  core::Histogram latency, latency_seen;
  std::uint64_t last = 0;
  for (int step = 0; step < 2000; ++step) {
    std::vector<core::DecisionRecord> records;
    for (std::uint64_t i = random() % 5; i > 0; --i) records.push_back(core::random_record(random));
    for (const auto& record : records) {
      all.add(record);
      latency.record(record.total_us);
    }
    feed_.take(records);
    clock_.advance(Millis(random() % 2500));
    if (step % 7 != 0 && step != 1999) continue;
    if (step == 1999) clock_.advance(Seconds(1));
    for (const auto& second : feed_.since(last)) {
      EXPECT_EQ(second->number, last + 1);
      last = second->number;
      seen += second->counts;
      latency_seen.merge(second->latency);
    }
  }
  EXPECT_EQ(seen, all);
  EXPECT_EQ(latency_seen, latency);
}

TEST_F(LiveFeedTest, ASecondThatIsOverNeverChanges) {
  take(many(3, 1, 1));
  EXPECT_TRUE(feed_.since(0).empty());
  clock_.advance(Seconds(1));
  const auto second = feed_.since(0).at(0);
  take(many(5, 1, 1));
  EXPECT_EQ(second->counts.requests, 3u);
  EXPECT_EQ(feed_.since(0).at(0)->counts.requests, 3u);
}

TEST_F(LiveFeedTest, SecondsFollowOneAnotherAlsoWhereNothingCameIn) {
  take(many(1, 1, 1));
  clock_.advance(Seconds(5));
  const auto seconds = feed_.since(0);
  ASSERT_EQ(seconds.size(), 5u);
  for (std::size_t i = 1; i < seconds.size(); ++i) {
    EXPECT_EQ(seconds[i]->time - seconds[i - 1]->time, Nanos(Seconds(1)));
    EXPECT_EQ(seconds[i]->counts.requests, 0u);
  }
}

TEST_F(LiveFeedTest, AWatcherWhoWasAwayGetsTheLastTwoMinutesAndNoMore) {
  take(many(1, 1, 1));
  clock_.advance(std::chrono::hours(30));
  take(many(2, 1, 1));
  clock_.advance(Seconds(1));
  const auto seconds = feed_.since(1);
  ASSERT_EQ(seconds.size(), LiveFeed::kSecondsKept);
  EXPECT_EQ(seconds.back()->counts.requests, 2u);
  EXPECT_EQ(seconds.back()->number, feed_.latest());
  EXPECT_TRUE(feed_.since(feed_.latest()).empty());
}

TEST_F(LiveFeedTest, AWallClockThatJumpsBackDoublesNoSecond) {
  take(many(1, 1, 1));
  clock_.advance(Seconds(2));
  const WallTime before = feed_.since(0).back()->time;
  clock_.step_wall(-std::chrono::hours(1));
  clock_.advance(Seconds(3));
  const auto seconds = feed_.since(2);
  ASSERT_EQ(seconds.size(), 3u);
  EXPECT_GT(seconds.front()->time, before);
}

TEST_F(LiveFeedTest, MoversAreThoseWhoseShareChangedTheMost) {
  (void)feed_.since(0);  // somebody watches
  for (int second = 0; second < 9; ++second) {
    take(many(10, 1, 7));
    take(many(50, 2, 7));
    clock_.advance(Seconds(1));
    (void)feed_.since(0);
  }
  take(many(50, 2, 7));
  take(many(30, 3, 7));
  clock_.advance(Seconds(1));
  const auto last = feed_.since(0).back();
  ASSERT_GE(last->movers.size(), 4u);
  EXPECT_EQ(last->movers[0].kind, Mover::Kind::key);
  EXPECT_EQ(last->movers[0].id, 3u);
  EXPECT_EQ(last->movers[0].requests, 30u);
  EXPECT_EQ(last->movers[0].before, 0);
  EXPECT_EQ(last->movers[1].kind, Mover::Kind::route);
  EXPECT_EQ(last->movers[1].requests, 80u);
  EXPECT_EQ(last->movers[1].before, 60);
  EXPECT_EQ(last->movers[2].id, 1u);  // it stopped
  EXPECT_EQ(last->movers[2].requests, 0u);
  EXPECT_EQ(last->movers[2].before, 10);
  EXPECT_EQ(last->movers[3].id, 2u);  // as ever
}

TEST_F(LiveFeedTest, AFloodOfKeysTakesNoMoreMemoryThanItsCap) {
  (void)feed_.since(0);
  for (std::uint64_t key = 1; key <= LiveFeed::kNamesMax + 1000; ++key) take({record_of(key, 1)});
  take(many(5, 1, 1));
  clock_.advance(Seconds(1));
  const auto second = feed_.since(0).back();
  EXPECT_EQ(second->counts.requests, LiveFeed::kNamesMax + 1005);
}

}  // namespace
}  // namespace tollgate::services
