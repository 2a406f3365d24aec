// Counts that gateways send when there was no room for records: what every question says of them.
#include <gtest/gtest.h>

#include "core/usage/aggregate.h"
#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_oracle_test.h"
#include "stores/sqlite/usage_records_test.h"
#include "stores/sqlite/usage_store.h"

namespace tollgate::stores {
namespace {

std::int64_t second_of(WallTime time) {
  return std::chrono::floor<Seconds>(time).time_since_epoch().count();
}

class UsageCounts : public ::testing::Test {
 protected:
  UsageCounts() { reopen(); }
  void reopen() {
    store_.reset();
    auto opened = SqliteUsageStore::open(scratch_.file("usage.db"), clock_);
    TG_ASSERT(opened.has_value());
    store_ = *std::move(opened);
  }

  std::vector<core::DecisionRecord> random_records(std::size_t count) {
    std::vector<core::DecisionRecord> records;
    for (std::size_t i = 0; i < count; ++i) {
      records.push_back(random_record(random_, clock_.wall_now() - Seconds(7200), Seconds(7200)));
      oracle_.add(records.back(), clock_.wall_now());
    }
    return records;
  }
  void expect_answers_like_the_oracle() {
    const WallTime now = clock_.wall_now();
    EXPECT_EQ(store_->system_stats(now)->counts, oracle_.counts());
    const auto everything = [](const core::DecisionRecord&) { return true; };
    const std::int64_t end = (second_of(now) / 60 + 1) * 60;
    const auto series = store_->time_series(
        {.from = WallTime(Seconds(end - 3 * 3600)), .to = WallTime(Seconds(end)), .step = Seconds(60)});
    ASSERT_TRUE(series);
    ASSERT_EQ(series->series.size(), 1u);
    for (const ports::SeriesPoint& point : series->series.front().points) {
      const std::int64_t minute = second_of(point.time);
      const auto wanted = oracle_.sum(60, minute, minute + 60, everything);
      EXPECT_EQ(figures(point.counts, point.latency), figures(wanted)) << "minute " << minute;
    }
    const auto key = key_id("keyNumberb");
    core::RollupValue of_key;
    for (const auto& record : oracle_.records()) {
      if (record.key == core::key_number(key)) of_key.add(record);
    }
    const auto usage = store_->key_usage(key, now);
    ASSERT_TRUE(usage && *usage);
    EXPECT_EQ((*usage)->counts, of_key.counts);
    EXPECT_EQ((*usage)->last_used_at, WallTime(Millis(oracle_.last_used_ms(key))));
  }

  const ScratchDirectory scratch_;
  ManualClock clock_;
  std::mt19937_64 random_{31};
  UsageOracle oracle_;
  std::unique_ptr<SqliteUsageStore> store_;
};

TEST_F(UsageCounts, CountLikeTheRecordsTheyStandFor) {
  std::uint64_t sequence = 0;
  for (int batch = 0; batch < 12; ++batch) {
    auto records = make_batch(sequence, random_records(200));
    sequence += 200;
    const auto ack = store_->ingest(batch % 3 == 0 ? records : counted(std::move(records)));
    ASSERT_TRUE(ack) << ack.error().to_string();
    EXPECT_EQ(ack->stored_through, sequence);
    EXPECT_EQ(ack->added, 200u);
  }
  expect_answers_like_the_oracle();
  while (*store_->maintain(clock_.wall_now() + Seconds(90'000))) {
  }
  expect_answers_like_the_oracle();
  reopen();
  expect_answers_like_the_oracle();
}

TEST_F(UsageCounts, MakeNoPeakInTheFirstSecondOfTheirMinute) {
  ASSERT_TRUE(store_->ingest(counted(make_batch(0, random_records(500)))));
  const WallTime now = clock_.wall_now();
  const auto seconds = store_->time_series({.from = now - Seconds(1800), .to = now + Seconds(1), .step = Seconds(1)});
  ASSERT_TRUE(seconds);
  for (const ports::Series& series : seconds->series) {
    for (const ports::SeriesPoint& point : series.points) {
      ASSERT_EQ(point.counts.requests, 0u) << second_of(point.time);
    }
  }
}

TEST_F(UsageCounts, ThatComeAgainChangeNothing) {
  const auto batch = counted(make_batch(0, random_records(500)));
  ASSERT_TRUE(store_->ingest(batch));
  const auto again = store_->ingest(batch);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->added, 0u);
  EXPECT_EQ(again->known, 500u);
  EXPECT_EQ(again->stored_through, 500u);
  expect_answers_like_the_oracle();
}

TEST_F(UsageCounts, OfWhichAPartIsStoredAreRefusedWhole) {
  auto records = random_records(500);
  ASSERT_TRUE(store_->ingest(make_batch(0, records)));
  const auto refused = store_->ingest(counted(make_batch(400, std::move(records))));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::conflict));
  expect_answers_like_the_oracle();
}

TEST_F(UsageCounts, BeyondWhatIsStoredAreRefusedUnlessTheGapIsDeclaredLost) {
  auto batch = counted(make_batch(10, random_records(500)));
  const auto refused = store_->ingest(batch);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::conflict));
  batch.lost_before = 10;
  EXPECT_TRUE(store_->ingest(batch));
  expect_answers_like_the_oracle();
}

TEST_F(UsageCounts, AnEmptyOneMovesTheMarkAndCountsNothing) {
  ports::RecordBatch note{.ring_id = 7, .names = {}, .records = {}};
  note.aggregate = core::Aggregate{.first = 0, .end = 100};
  const auto ack = store_->ingest(note);
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->stored_through, 100u);
  ASSERT_TRUE(store_->ingest(make_batch(100, random_records(500))));
  expect_answers_like_the_oracle();
}

// A clock that was set ahead or back counts in the minute it said, if that is not far ahead of ours.
TEST_F(UsageCounts, OfAClockFarAheadCountAsNow) {
  auto records = random_records(300);
  for (int i = 0; i < 100; ++i) {
    records.push_back(random_record(random_, clock_.wall_now() + Seconds(86'400), Seconds(60)));
    oracle_.add(records.back(), clock_.wall_now());
  }
  ASSERT_TRUE(store_->ingest(counted(make_batch(0, std::move(records)))));
  expect_answers_like_the_oracle();
}

}  // namespace
}  // namespace tollgate::stores
