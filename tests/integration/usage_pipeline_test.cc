// A gateway's decision log into analytics' stores: what workers appended is what the questions answer, whoever fails
// between.
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "base/assert.h"
#include "services/analytics/logged_ingest.h"
#include "stores/archive/request_archive.h"
#include "stores/segments/decision_log.h"
#include "stores/sqlite/usage_store.h"
#include "tests/support/forwarding_io.h"
#include "tests/support/soak.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {
namespace {

using testing::soak_count;

// What analytics keeps: roll-ups, and the request log before them.
struct Analytics {
  Analytics(const testing::TempDir& dir, const Clock& clock) {
    auto opened_usage = SqliteUsageStore::open(dir.file("usage.db"), clock);
    auto opened_requests = RequestArchive::open({.directory = dir.file("requests")}, clock);
    TG_ASSERT(opened_usage.has_value() && opened_requests.has_value());
    usage = *std::move(opened_usage);
    requests = *std::move(opened_requests);
    ingest.emplace(*requests, *usage);
  }

  std::unique_ptr<SqliteUsageStore> usage;
  std::unique_ptr<RequestArchive> requests;
  std::optional<services::LoggedIngest> ingest;
};

// Stands between the two and loses answers, before or after the commit, and brings old batches again at any time.
class UnreliableWay final : public ports::UsageIngest {
 public:
  UnreliableWay(std::optional<Analytics>& analytics, std::uint64_t seed) : analytics_(analytics), random_(seed) {}
  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch) override {
    const std::uint64_t fate = reliable ? 9 : random_() % 10;
    if (fate == 0) return fail(codes::store_unavailable, "the request was lost");
    if (fate == 2 || fate == 3) bring_an_old_one();
    // As it travels between two machines.
    const auto received = core::decode_batch(core::encode_batch(batch));
    TG_ASSERT(received.has_value());
    auto ack = analytics_->ingest->ingest(*received);
    if (ack) note(*received);
    if (fate == 3) bring_an_old_one();
    if (fate == 1) return fail(codes::store_unavailable, "the answer was lost");
    return ack;
  }
  bool reliable = false;

 private:
  void note(const ports::RecordBatch& batch) {
    if (batch.records.empty() && !batch.aggregate) return;
    if (old_.size() < 8) old_.emplace_back();
    old_[random_() % old_.size()] = batch;
  }
  // A copy that was under way for long: it was stored, so that it changes nothing.
  void bring_an_old_one() {
    if (old_.empty()) return;
    const auto ack = analytics_->ingest->ingest(old_[random_() % old_.size()]);
    EXPECT_TRUE(!ack || ack->added == 0);
  }

  std::optional<Analytics>& analytics_;
  std::mt19937_64 random_;
  std::vector<ports::RecordBatch> old_;
};

// A disk that has no room, from time to time, but what was allocated while it had.
class MovingDisk final : public testing::ForwardingIo {
 public:
  bool full = false;
  ssize_t write(int fd, std::string_view bytes) override {
    if (!full) return ForwardingIo::write(fd, bytes);
    errno = ENOSPC;
    return -1;
  }
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

// A gateway's log and analytics' stores, and what all of them should know.
class Pipeline {
 public:
  explicit Pipeline(std::uint64_t seed) : random(seed), way(analytics, seed) {
    options.directory = dir.file("log");
    options.workers = 2;
    options.ring_capacity = 256;
    options.reserve_bytes = 1u << 20;
    options.io = &disk;
    open_analytics();
    open_log();
  }
  // Whatever a test did: nothing is unaccounted for, and analytics has what the log says it has.
  ~Pipeline() {
    disk.full = false;
    way.reliable = true;
    log->start();
    log->stop();
    const ports::LogCounters counters = log->counters();
    EXPECT_EQ(counters.unaccounted(), 0u);
    EXPECT_EQ(counters.spooled, 0u);
    EXPECT_EQ(counters.dropped, 0u);
    EXPECT_EQ(counters.stored + counters.aggregated, truth.requests);
    EXPECT_EQ(analytics->requests->stats().records, counters.stored) << "what has become a count is in no request log";
    EXPECT_EQ(usage().system_stats(clock.wall_now())->counts, truth);
    const auto days = usage().time_series({.from = clock.wall_now() - std::chrono::days(60),
                                           .to = clock.wall_now() + std::chrono::days(60),
                                           .step = Seconds(86'400)});
    core::RollupCounts in_rollups;
    for (const ports::SeriesPoint& point : days->series.front().points) in_rollups += point.counts;
    EXPECT_EQ(in_rollups, truth);
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  void open_analytics() {
    analytics.reset();
    analytics.emplace(dir, clock);
  }
  SqliteUsageStore& usage() { return *analytics->usage; }
  void open_log() {
    log.reset();
    auto opened = SegmentDecisionLog::open(options, way);
    TG_ASSERT(opened.has_value());
    log = *std::move(opened);
  }
  void append_some() {
    const core::NameRef route = log->intern(core::NameKind::route, random() % 2 == 0 ? "orders" : "users");
    for (std::uint64_t n = random() % 30; n > 0; --n) {
      core::DecisionRecord record = random_record(random, clock.wall_now(), route);
      truth.add(record);
      latency.record(record.total_us);
      log->sink(random() % 2).append(record);
    }
  }
  void step() {
    append_some();
    now += Millis(100);
    if (random() % 2 == 0) log->write_step(now, LogWriter::Commit::when_due);
    if (random() % 2 == 0) log->ship_step();
    if (random() % 20 == 0) open_log();
    if (random() % 20 == 0) open_analytics();
  }

  std::mt19937_64 random;
  const testing::TempDir dir;
  ManualClock clock;
  MovingDisk disk;
  std::optional<Analytics> analytics;
  UnreliableWay way;
  DecisionLogOptions options;
  std::unique_ptr<SegmentDecisionLog> log;
  core::RollupCounts truth;
  core::Histogram latency;
  MonoTime now{Seconds(1)};
};

TEST(UsagePipeline, WhatTheStoreCountsIsWhatWorkersAppendedThroughCrashesOfBothSides) {
  for (std::uint64_t seed = 1; seed <= soak_count<std::uint64_t>(5, 100); ++seed) {
    SCOPED_TRACE(seed);
    Pipeline p(seed);
    for (int step = 0; step < 150; ++step) p.step();
    p.way.reliable = true;
    p.log->start();
    p.log->stop();
    EXPECT_EQ(p.log->counters().stored, p.truth.requests);
    const auto stats = p.usage().system_stats(p.clock.wall_now());
    EXPECT_DOUBLE_EQ(stats->latency.p99, p.latency.quantile_us(0.99) / 1000);
    const auto series = p.usage().time_series({.from = p.clock.wall_now() - Seconds(1200),
                                               .to = p.clock.wall_now() + Seconds(60),
                                               .step = Seconds(86'400),
                                               .group_by = {ports::Dimension::route}});
    ASSERT_EQ(series->series.size(), 2u);
    const std::string route = series->series.front().group.at("route");
    EXPECT_TRUE(route == "orders" || route == "users");
    p.open_log();
  }
}

TEST(UsagePipeline, ADiskThatIsFullFromTimeToTimeCostsNoCount) {
  std::uint64_t aggregated = 0;
  for (std::uint64_t seed = 1; seed <= soak_count<std::uint64_t>(5, 100); ++seed) {
    SCOPED_TRACE(seed);
    Pipeline p(seed);
    for (int step = 0; step < 300; ++step) {
      p.step();
      if (p.disk.full) p.log->write_step(p.now, LogWriter::Commit::now);  // often enough that no ring fills
      if (p.random() % 15 == 0) p.disk.full = !p.disk.full;
    }
    aggregated += p.log->counters().aggregated + p.log->counters().spooled_counts;
  }
  EXPECT_GT(aggregated, 100u);
}

TEST(UsagePipeline, StepsOfTheWallClockLoseAndDoubleNothing) {
  constexpr Seconds kSteps[] = {Seconds(3600), Seconds(-3600), Seconds(86'400), Seconds(-86'400)};
  for (std::uint64_t seed = 1; seed <= soak_count<std::uint64_t>(5, 100); ++seed) {
    SCOPED_TRACE(seed);
    Pipeline p(seed);
    for (int step = 0; step < 200; ++step) {
      p.step();
      if (p.random() % 4 == 0) p.clock.step_wall(kSteps[p.random() % 4]);
      if (p.random() % 4 == 0) TG_ASSERT(p.usage().maintain(p.clock.wall_now()).has_value());
    }
  }
}

}  // namespace
}  // namespace tollgate::stores
