// A gateway's decision log into analytics' store: what workers appended is what the questions answer, whoever fails
// between.
#include <gtest/gtest.h>

#include <random>

#include "base/assert.h"
#include "stores/segments/decision_log.h"
#include "stores/sqlite/usage_store.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {
namespace {

// Stands between the two and loses answers, before or after the commit.
class UnreliableWay final : public ports::UsageIngest {
 public:
  UnreliableWay(std::unique_ptr<SqliteUsageStore>& store, std::uint64_t seed) : store_(store), random_(seed) {}
  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch) override {
    const std::uint64_t fate = reliable ? 9 : random_() % 10;
    if (fate == 0) return fail(codes::store_unavailable, "the request was lost");
    // As it travels between two machines.
    const auto received = core::decode_batch(core::encode_batch(batch));
    TG_ASSERT(received.has_value());
    auto ack = store_->ingest(*received);
    if (fate == 1) return fail(codes::store_unavailable, "the answer was lost");
    return ack;
  }
  bool reliable = false;

 private:
  std::unique_ptr<SqliteUsageStore>& store_;
  std::mt19937_64 random_;
};

core::DecisionRecord random_record(std::mt19937_64& random, WallTime now, core::NameRef route) {
  core::DecisionRecord record;
  const Nanos age(static_cast<std::int64_t>(random() % 600'000'000'000));
  record.time_ns = (now - age).time_since_epoch().count();
  record.route = route;
  record.status = random() % 4 == 0 ? 429 : 200;
  record.outcome = record.status == 429 ? core::Outcome::limited : core::Outcome::allowed;
  record.total_us = static_cast<std::uint32_t>(random() % 100'000);
  record.cost = 1;
  return record;
}

TEST(UsagePipeline, WhatTheStoreCountsIsWhatWorkersAppendedThroughCrashesOfBothSides) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const testing::TempDir dir;
    const ManualClock clock;
    std::unique_ptr<SqliteUsageStore> store;
    const auto open_store = [&] {
      store.reset();
      auto opened = SqliteUsageStore::open(dir.file("usage.db"), clock);
      TG_ASSERT(opened.has_value());
      store = *std::move(opened);
    };
    open_store();
    UnreliableWay way(store, seed);
    DecisionLogOptions options{.directory = dir.file("log"), .workers = 2};
    std::unique_ptr<SegmentDecisionLog> log;
    const auto open_log = [&] {
      log.reset();
      auto opened = SegmentDecisionLog::open(options, way);
      TG_ASSERT(opened.has_value());
      log = *std::move(opened);
    };
    open_log();

    core::RollupCounts truth;
    core::Histogram latency;
    MonoTime now{Seconds(1)};
    for (int step = 0; step < 150; ++step) {
      const core::NameRef route = log->intern(core::NameKind::route, random() % 2 == 0 ? "orders" : "users");
      for (std::uint64_t n = random() % 30; n > 0; --n) {
        core::DecisionRecord record = random_record(random, clock.wall_now(), route);
        truth.add(record);
        latency.record(record.total_us);
        log->sink(random() % 2).append(record);
      }
      now += Millis(20);
      if (random() % 2 == 0) log->write_step(now, LogWriter::Commit::when_due);
      if (random() % 2 == 0) log->ship_step();
      if (random() % 20 == 0) open_log();
      if (random() % 20 == 0) open_store();
    }
    way.reliable = true;
    log->start();
    log->stop();
    EXPECT_EQ(log->counters().stored, truth.requests);
    EXPECT_EQ(log->counters().unaccounted(), 0u);
    const auto stats = store->system_stats(clock.wall_now());
    EXPECT_EQ(stats->counts, truth);
    EXPECT_DOUBLE_EQ(stats->latency.p99, latency.quantile_us(0.99) / 1000);
    const auto series = store->time_series({.from = clock.wall_now() - Seconds(1200),
                                            .to = clock.wall_now() + Seconds(60),
                                            .step = Seconds(86'400),
                                            .group_by = {ports::Dimension::route}});
    ASSERT_EQ(series->series.size(), 2u);
    const std::string route = series->series.front().group.at("route");
    EXPECT_TRUE(route == "orders" || route == "users");
  }
}

}  // namespace
}  // namespace tollgate::stores
