#include "stores/sqlite/usage_upkeep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/str.h"
#include "core/usage/aggregate.h"
#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_range.h"
#include "stores/sqlite/usage_records_test.h"
#include "stores/sqlite/usage_store.h"

namespace tollgate::stores {
namespace {

constexpr std::string_view kAlice = "aliceAlice";

class UsageUpkeepTest : public testing::Test {
 protected:
  UsageUpkeepTest()
      : store_(*SqliteUsageStore::open(scratch_.file("usage.db"), clock_)),
        database_(*Database::open(scratch_.file("usage.db"), {.migrations = usage_migrations()})) {}

  WallTime now() const { return clock_.wall_now(); }
  void add(const RecordSpec& spec) {
    const auto ack = store_->ingest(make_batch(next_, {make_record(spec)}));
    TG_ASSERT(ack.has_value());
    ++next_;
  }
  void maintain() {
    while (true) {
      const auto more = store_->maintain(now());
      ASSERT_TRUE(more.has_value()) << more.error().to_string();
      if (!*more) return;
    }
  }
  std::int64_t count(const std::string& where) {
    return *database_.query_int(str::cat("SELECT count(*) FROM chunk WHERE ", where));
  }
  std::uint64_t requests_of_alice() { return store_->key_usage(key_id(kAlice), now())->value().counts.requests; }

  ManualClock clock_;
  ScratchDirectory scratch_;
  std::unique_ptr<SqliteUsageStore> store_;
  Database database_;
  std::uint64_t next_ = 0;
};

TEST_F(UsageUpkeepTest, RowsClimbFromLevelToLevelAsTheirTimeIsOver) {
  for (int i = 0; i < 10; ++i) add({.time = now(), .key = kAlice});
  maintain();
  EXPECT_EQ(count("state = 1 AND level = 0 AND folded = 0"), 10);
  clock_.advance(Seconds(70));
  maintain();
  EXPECT_EQ(count("state = 1 AND level = 0 AND folded = 1"), 1) << "small chunks of a minute become one";
  EXPECT_EQ(count("state = 1 AND level = 1 AND folded = 0"), 1);
  clock_.advance(Seconds(3700));
  maintain();
  EXPECT_EQ(count("state = 1 AND level = 1 AND folded = 1"), 1);
  EXPECT_EQ(count("state = 1 AND level = 2 AND folded = 0"), 1);
  clock_.advance(Seconds(87'000));
  maintain();
  EXPECT_EQ(count("state = 1 AND level = 0"), 0) << "seconds are kept an hour";
  EXPECT_EQ(count("state = 1 AND level = 3 AND folded = 1"), 1);
  EXPECT_EQ(count("state = 1 AND level = 4"), 1);
  EXPECT_EQ(count("state <> 1"), 0) << "what was replaced is deleted";
  EXPECT_EQ(requests_of_alice(), 10u);
}

TEST_F(UsageUpkeepTest, AllOfTimeStaysOneRowAKeyAndEndpoint) {
  for (int day = 0; day < 20; ++day) {
    add({.time = now(), .key = kAlice});
    clock_.advance(Seconds(87'000));
    maintain();
  }
  EXPECT_EQ(*database_.query_int("SELECT sum(rows) FROM chunk WHERE state = 1 AND level = 4"), 2) << "and of everyone";
  EXPECT_EQ(requests_of_alice(), 20u);
}

TEST_F(UsageUpkeepTest, SmallChunksOfOneWindowAreMerged) {
  const WallTime then = now() - std::chrono::hours(30);
  for (int late = 0; late < 40; ++late) {
    add({.time = then, .key = kAlice});
    clock_.advance(Seconds(3700));
    maintain();
  }
  for (const std::string_view level : {"1", "2", "3"}) {
    EXPECT_LE(count(str::cat("state = 1 AND bucket_min <= ",
                             std::chrono::floor<Seconds>(then).time_since_epoch().count(), " AND level = ", level)),
              2 * 8);
  }
  EXPECT_EQ(requests_of_alice(), 40u);
}

// Rows of so many clients that a chunk is full with a few hundred of them: however many such chunks stand in a window,
// there comes an end to merging them.
TEST_F(UsageUpkeepTest, ComesToRestWhereFewRowsFillAChunk) {
  std::vector<std::uint32_t> clients(core::kFewMax);
  std::uint64_t requests = 0;
  for (int day = 0; day < 25; ++day) {
    const std::int64_t minute = std::chrono::floor<std::chrono::minutes>(now()).time_since_epoch().count() * 60;
    core::ChunkWriter writer{core::kAggregateUnit};
    for (core::NameRef route = 1; route <= 100; ++route) {
      for (std::uint32_t i = 0; i < clients.size(); ++i)
        clients[i] = i * 8'000'000 + route * 100 + static_cast<std::uint32_t>(day);
      core::RollupRow row{
          .key = core::RollupKey::pack(
              {.bucket = minute, .key = core::key_number(key_id(kAlice)), .route = route, .status_class = 2})};
      row.counts.requests = row.counts.allowed = core::kFewMax;
      row.clients.few = clients;
      writer.add(row);
    }
    core::RecordBatch batch{.ring_id = 7, .names = {}, .records = {}};
    batch.aggregate = core::Aggregate{.first = requests, .end = requests + 100 * core::kFewMax};
    batch.aggregate->requests = 100 * core::kFewMax;
    batch.aggregate->chunks.push_back(writer.take().bytes);
    const auto ack = store_->ingest(batch);
    ASSERT_TRUE(ack.has_value()) << ack.error().to_string();
    requests = batch.aggregate->end;
    clock_.advance(Seconds(86'400));
    int steps = 0;
    while (*store_->maintain(now())) ASSERT_LT(++steps, 200) << "day " << day;
    EXPECT_EQ(count("state = 2"), 0);
  }
  EXPECT_GT(count("state = 1 AND level = 3 AND folded = 1 AND rows < 2048"), 8) << "or it would show nothing";
  EXPECT_EQ(requests_of_alice(), requests);
}

TEST_F(UsageUpkeepTest, WhatIsNotFoldedIsNeverDeleted) {
  add({.time = now(), .key = kAlice});
  ASSERT_TRUE(
      database_.execute("CREATE TRIGGER broken BEFORE INSERT ON chunk WHEN NEW.level = 1 "
                        "BEGIN SELECT RAISE(ABORT, 'told to'); END"));
  for (int day = 0; day < 3; ++day) {
    clock_.advance(std::chrono::days(1));
    EXPECT_FALSE(store_->maintain(now()));
    EXPECT_FALSE(store_->expire(now()));
  }
  EXPECT_EQ(count("state = 1 AND level = 0"), 1);
  EXPECT_EQ(requests_of_alice(), 1u);
  ASSERT_TRUE(database_.execute("DROP TRIGGER broken"));
  maintain();
  EXPECT_EQ(count("state = 1 AND level = 0"), 0);
  EXPECT_EQ(requests_of_alice(), 1u);
}

TEST_F(UsageUpkeepTest, ADamagedChunkFailsItsQuestionsUntilItIsReportedAndSetAside) {
  add({.time = now(), .key = kAlice});
  add({.time = now(), .key = kAlice});
  ASSERT_TRUE(
      database_.execute("UPDATE chunk_data SET data = substr(data, 1, length(data) - 1) || x'ff' WHERE id = 1"));
  const auto refused = store_->key_usage(key_id(kAlice), now());
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::store_corrupt));
  EXPECT_THAT(refused.error().detail(), testing::HasSubstr("chunk 1 (2 rows from 2026-09-21"));
  EXPECT_TRUE(store_->recent_minutes(now(), 1)) << "what is damaged of it are latencies, which these do not need";

  const auto reported = store_->maintain(now());
  ASSERT_FALSE(reported);
  EXPECT_TRUE(reported.error().is(codes::store_corrupt));
  EXPECT_THAT(reported.error().detail(), testing::HasSubstr("set aside"));
  EXPECT_EQ(requests_of_alice(), 1u);
  EXPECT_EQ(store_->system_stats(now())->counts.requests, 2u);
  EXPECT_EQ(count("state = 3"), 1) << "it is kept for people to look at";
  clock_.advance(Seconds(5000));
  maintain();
  EXPECT_EQ(requests_of_alice(), 1u);
}

TEST_F(UsageUpkeepTest, ADamagedChunkThatOnlyTheFoldMeetsIsReportedAndDoesNotStopIt) {
  add({.time = now(), .key = kAlice});
  add({.time = now(), .key = kAlice});
  ASSERT_TRUE(database_.execute("UPDATE chunk_data SET data = x'01' WHERE id = 1"));
  clock_.advance(Seconds(70));
  EXPECT_TRUE(store_->maintain(now()).error().is(codes::store_corrupt));
  EXPECT_THAT(store_->maintain(now()).error().detail(), testing::HasSubstr("set aside"));
  maintain();
  EXPECT_EQ(count("state = 1 AND level = 1"), 1);
  EXPECT_EQ(requests_of_alice(), 1u);
}

TEST_F(UsageUpkeepTest, WhatAKilledFoldHadWrittenIsGoneWithTheNextStart) {
  add({.time = now(), .key = kAlice});
  ASSERT_TRUE(
      database_.execute("INSERT INTO chunk SELECT 99, 1, 0, 0, bucket_min, bucket_max, key_min, key_max, rows "
                        "FROM chunk WHERE id = 1; INSERT INTO chunk_data SELECT 99, data FROM chunk_data"));
  EXPECT_EQ(requests_of_alice(), 1u) << "nobody sees what is being written";
  store_.reset();
  store_ = *SqliteUsageStore::open(scratch_.file("usage.db"), clock_);
  maintain();
  EXPECT_EQ(*database_.query_int("SELECT count(*) FROM chunk_data WHERE id = 99"), 0);
  EXPECT_EQ(requests_of_alice(), 1u);
}

// Each answer is what had been acknowledged at some moment between question and answer.
TEST_F(UsageUpkeepTest, QuestionsSeeEachRecordOnceWhileChunksAreFoldedUnderThem) {
  std::atomic<std::uint64_t> sent = 0, acknowledged = 0;
  std::atomic<bool> done = false;
  std::thread ingest([&] {
    for (int i = 0; i < 300; ++i) {
      sent += 2;
      clock_.step_wall(Seconds(7));  // the other clock is that of deadlines
      const auto ack = store_->ingest(make_batch(
          2 * static_cast<std::uint64_t>(i),
          {make_record({.time = now(), .key = kAlice}), make_record({.time = now() - Seconds(4000), .key = kAlice})}));
      TG_ASSERT(ack.has_value());
      acknowledged = ack->stored_through;
    }
    done = true;
  });
  std::thread upkeep([&] {
    while (!done) TG_ASSERT(store_->maintain(now()).has_value());
  });
  while (!done) {
    const std::uint64_t least = acknowledged;
    const auto usage = store_->key_usage(key_id(kAlice), now());
    ASSERT_TRUE(usage.has_value()) << usage.error().to_string();
    const std::uint64_t got = usage->has_value() ? (*usage)->counts.requests : 0;
    const auto top = store_->top({.from = now() - std::chrono::days(1), .to = now() + Seconds(600)});
    ASSERT_TRUE(top.has_value()) << top.error().to_string();
    const std::uint64_t on_top = top->entries.empty() ? 0 : top->entries.front().counts.requests;
    EXPECT_LE(least, got);
    EXPECT_LE(got, on_top);
    EXPECT_LE(on_top, sent);
  }
  ingest.join();
  upkeep.join();
  EXPECT_EQ(requests_of_alice(), 600u);
}

TEST(UsageRange, IsReadFromTheCoarsestRowsThatFitIntoIt) {
  constexpr std::int64_t kDay = 86'400, kHour = 3600;
  const RollupRange range{.from = kDay - kHour - 120, .to = 2 * kDay + 60};
  EXPECT_EQ(pieces_of(range), (std::vector<RangePiece>{{kMinuteLevel, kDay - kHour - 120, kDay - kHour},
                                                       {kHourLevel, kDay - kHour, kDay},
                                                       {kDayLevel, kDay, 2 * kDay},
                                                       {kMinuteLevel, 2 * kDay, 2 * kDay + 60}}));
  const RollupRange minutes{.coarsest = kMinuteLevel, .from = 0, .to = kDay};
  EXPECT_EQ(pieces_of(minutes), (std::vector<RangePiece>{{kMinuteLevel, 0, kDay}}));
  const RollupRange within_an_hour{.from = 30, .to = 100};
  EXPECT_EQ(pieces_of(within_an_hour), (std::vector<RangePiece>{{kMinuteLevel, 30, 100}}));
}

}  // namespace
}  // namespace tollgate::stores
