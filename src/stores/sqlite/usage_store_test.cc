#include "stores/sqlite/usage_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_records_test.h"

namespace tollgate::stores {
namespace {

using core::DecisionRecord;
using core::Outcome;
using core::RollupCounts;
using core::RollupValue;
using ports::Dimension;

constexpr std::string_view kAlice = "aliceAlice";
constexpr std::string_view kBob = "bobBobBob1";

class UsageStoreTest : public testing::Test {
 protected:
  UsageStoreTest() { reopen(); }
  void reopen() {
    store_.reset();
    auto opened = SqliteUsageStore::open(scratch_.file("usage.db"), clock_);
    TG_ASSERT(opened.has_value());
    store_ = *std::move(opened);
  }
  WallTime now() const { return clock_.wall_now(); }
  // The first nanosecond of the current minute, some minutes ago.
  WallTime minute(int ago) const { return std::chrono::floor<std::chrono::minutes>(now()) - std::chrono::minutes(ago); }
  ports::IngestAck add(std::vector<DecisionRecord> records) {
    const auto count = records.size();
    const auto ack = store_->ingest(make_batch(next_, std::move(records)));
    TG_ASSERT(ack.has_value() && ack->added == count);
    next_ += count;
    return *ack;
  }
  Result<std::vector<ports::Series>> series(const ports::SeriesQuery& query) {
    TG_TRY(ports::SeriesAnswer answer, store_->time_series(query));
    return std::move(answer.series);
  }
  std::uint64_t total() { return store_->system_stats(now())->counts.requests; }

  ManualClock clock_;
  ScratchDirectory scratch_;
  std::unique_ptr<SqliteUsageStore> store_;
  std::uint64_t next_ = 0;
};

TEST_F(UsageStoreTest, ABatchCountsOnceHoweverOftenItComes) {
  const auto batch = make_batch(0, {make_record({.time = now()}), make_record({.time = now()})});
  for (int i = 0; i < 3; ++i) {
    const auto ack = store_->ingest(batch);
    ASSERT_TRUE(ack.has_value()) << ack.error().to_string();
    EXPECT_EQ(ack->stored_through, 2u);
    EXPECT_EQ(ack->added, i == 0 ? 2u : 0u);
    EXPECT_EQ(ack->known, i == 0 ? 0u : 2u);
  }
  EXPECT_EQ(total(), 2u);
}

TEST_F(UsageStoreTest, OfAnOverlappingBatchOnlyTheNewRecordsCount) {
  const DecisionRecord record = make_record({.time = now(), .key = kAlice});
  ASSERT_TRUE(store_->ingest(make_batch(0, {record, record, record})));
  const auto ack = store_->ingest(make_batch(1, {record, record, record, record}));
  ASSERT_TRUE(ack.has_value());
  EXPECT_EQ(ack->known, 2u);
  EXPECT_EQ(ack->added, 2u);
  EXPECT_EQ(ack->stored_through, 5u);
  EXPECT_EQ(store_->key_usage(key_id(kAlice), now())->value().counts.requests, 5u);
}

TEST_F(UsageStoreTest, AnAckThatWasLostWithTheProcessLeadsToNoSecondCount) {
  const auto batch = make_batch(0, {make_record({.time = now()})});
  ASSERT_TRUE(store_->ingest(batch));
  reopen();
  const auto again = store_->ingest(batch);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->known, 1u);
  EXPECT_EQ(total(), 1u);
}

TEST_F(UsageStoreTest, AGapIsRefusedWithWhereToGoOnAndNothingOfItIsStored) {
  ASSERT_TRUE(store_->ingest(make_batch(0, {make_record({.time = now()})})));
  const auto refused = store_->ingest(make_batch(5, {make_record({.time = now()})}));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::conflict));
  EXPECT_THAT(refused.error().detail(), testing::HasSubstr("sequence 1"));
  EXPECT_EQ(total(), 1u);
}

TEST_F(UsageStoreTest, AGapThatIsAccountedForIsAccepted) {
  auto batch = make_batch(5, {make_record({.time = now()})});
  batch.lost_before = 5;
  const auto ack = store_->ingest(batch);
  ASSERT_TRUE(ack.has_value()) << ack.error().to_string();
  EXPECT_EQ(ack->stored_through, 6u);
  EXPECT_EQ(ack->added, 1u);
}

TEST_F(UsageStoreTest, ABatchWithoutRecordsAsksHowFarTheRingIsStored) {
  ASSERT_TRUE(store_->ingest(make_batch(0, {make_record({.time = now()})})));
  EXPECT_EQ(store_->ingest({.ring_id = 7, .names = {}, .records = {}})->stored_through, 1u);
  EXPECT_EQ(store_->ingest({.ring_id = 8, .names = {}, .records = {}})->stored_through, 0u);
}

TEST_F(UsageStoreTest, RecordsOutOfSequenceAreRefusedAsAWhole) {
  auto batch = make_batch(0, {make_record({.time = now()}), make_record({.time = now()})});
  batch.records[1].sequence = 3;
  EXPECT_TRUE(store_->ingest(batch).error().is(codes::invalid_document));
  EXPECT_EQ(total(), 0u);
}

TEST_F(UsageStoreTest, ABatchThatFailsHalfWayLeavesNothingAndIsTakenWhenItComesAgain) {
  add({make_record({.time = now(), .key = kAlice})});
  auto other = Database::open(scratch_.file("usage.db"), {.migrations = usage_migrations()});
  ASSERT_TRUE(other.has_value()) << other.error().to_string();
  // The mark of the ring is the last thing a batch writes.
  ASSERT_TRUE(other->execute("CREATE TRIGGER broken BEFORE UPDATE ON ring BEGIN SELECT RAISE(ABORT, 'told to'); END"));
  const auto batch = make_batch(1, {make_record({.time = now(), .key = kAlice}), make_record({.time = now()})});
  EXPECT_FALSE(store_->ingest(batch));
  EXPECT_EQ(total(), 1u);
  EXPECT_EQ(store_->key_usage(key_id(kAlice), now())->value().counts.requests, 1u);
  ASSERT_TRUE(other->execute("DROP TRIGGER broken"));
  const auto ack = store_->ingest(batch);
  ASSERT_TRUE(ack.has_value()) << ack.error().to_string();
  EXPECT_EQ(ack->added, 2u);
  EXPECT_EQ(total(), 3u);
  EXPECT_EQ(store_->system_stats(now())->active_keys, 1u);
  EXPECT_EQ(store_->key_usage(key_id(kAlice), now())->value().counts.requests, 2u);
}

TEST_F(UsageStoreTest, ForeignBytesInARecordSpoilNothing) {
  DecisionRecord record = make_record({.time = now()});
  record.key = core::kKeyNumberMax + 1;
  record.method = 255;
  record.status = 65535;
  record.outcome = static_cast<Outcome>(99);
  record.time_ns = std::numeric_limits<std::int64_t>::min();
  ASSERT_TRUE(store_->ingest(make_batch(0, {record, make_record({.time = now()})})));
  EXPECT_EQ(total(), 2u);
}

TEST_F(UsageStoreTest, SystemStatsCountWhatHappenedAndSurviveARestart) {
  const WallTime at = now() - Seconds(5);
  add({make_record({.time = at, .key = kAlice, .total_us = 1000}),
       make_record({.time = at, .key = kAlice, .status = 502, .outcome = Outcome::upstream_error, .total_us = 2000}),
       make_record({.time = at, .key = kBob, .status = 429, .outcome = Outcome::limited, .total_us = 100}),
       make_record({.time = at, .status = 401, .outcome = Outcome::unauthenticated, .total_us = 100}),
       make_record({.time = at - std::chrono::hours(1), .key = "oldKey0000", .total_us = 9'000'000})});
  for (int restart = 0; restart < 2; ++restart) {
    const auto stats = store_->system_stats(now());
    ASSERT_TRUE(stats.has_value());
    EXPECT_EQ(stats->counts, (RollupCounts{5, 3, 1, 1, 1, 50, 500, 5}));
    EXPECT_DOUBLE_EQ(stats->requests_per_second, 0.4);
    EXPECT_EQ(stats->active_keys, 2u);
    EXPECT_NEAR(stats->latency.p99, 2.0, 2.0 * 0.011);  // the hour-old 9 s do not count any more
    EXPECT_NEAR(stats->latency.p50, 0.1, 0.1 * 0.011);
    reopen();
  }
}

TEST_F(UsageStoreTest, KeysCeaseToBeActiveAfterAQuarterOfAnHour) {
  add({make_record({.time = now(), .key = kAlice})});
  clock_.advance(std::chrono::minutes(14));
  EXPECT_EQ(store_->system_stats(now())->active_keys, 1u);
  clock_.advance(std::chrono::minutes(1));
  EXPECT_EQ(store_->system_stats(now())->active_keys, 0u);
  EXPECT_EQ(total(), 1u);
}

TEST_F(UsageStoreTest, KeyUsageListsItsEndpointsTheBusiestFirst) {
  const WallTime last = now() - Seconds(30);
  add({make_record({.time = last, .key = kAlice, .route = "orders", .method = codec::Method::post}),
       make_record({.time = last - Seconds(9), .key = kAlice, .route = "users"}),
       make_record(
           {.time = last - Seconds(8), .key = kAlice, .route = "users", .status = 429, .outcome = Outcome::limited}),
       make_record({.time = last - std::chrono::hours(30), .key = kAlice, .route = "users", .total_us = 5'000'000}),
       make_record({.time = now(), .key = kBob})});
  const auto usage = store_->key_usage(key_id(kAlice), now());
  ASSERT_TRUE(usage.has_value() && usage->has_value());
  EXPECT_EQ((*usage)->counts, (RollupCounts{4, 3, 1, 0, 0, 40, 400, 4}));
  EXPECT_EQ((*usage)->last_used_at, last);
  EXPECT_NEAR((*usage)->latency.p99, 1.0, 0.011);  // of the last day
  ASSERT_EQ((*usage)->endpoints.size(), 2u);
  EXPECT_EQ((*usage)->endpoints[0].route, "users");
  EXPECT_EQ((*usage)->endpoints[0].method, "GET");
  EXPECT_EQ((*usage)->endpoints[0].counts.requests, 3u);
  EXPECT_EQ((*usage)->endpoints[0].counts.rate_limited, 1u);
  EXPECT_EQ((*usage)->endpoints[1].method, "POST");
}

TEST_F(UsageStoreTest, AKeyThatWasNeverSeenHasNoUsage) {
  const auto usage = store_->key_usage(key_id(kAlice), now());
  ASSERT_TRUE(usage.has_value());
  EXPECT_FALSE(usage->has_value());
}

TEST_F(UsageStoreTest, TimeSeriesHaveEveryBucketAndZerosWhereNothingHappened) {
  add({make_record({.time = minute(30) + Seconds(10)}), make_record({.time = minute(30) + Seconds(50)}),
       make_record({.time = minute(28)}), make_record({.time = minute(25)})});
  const auto shown = series({.from = minute(30), .to = minute(25), .step = Seconds(60)});
  ASSERT_TRUE(shown.has_value()) << shown.error().to_string();
  ASSERT_EQ(shown->size(), 1u);
  ASSERT_EQ(shown->front().points.size(), 5u);
  std::vector<std::uint64_t> requests;
  for (const auto& point : shown->front().points) requests.push_back(point.counts.requests);
  EXPECT_THAT(requests, testing::ElementsAre(2, 0, 1, 0, 0));  // `to` is exclusive
  EXPECT_EQ(shown->front().points[1].time, minute(29));
  EXPECT_NEAR(shown->front().points[0].latency.p50, 1.0, 0.011);
  EXPECT_EQ(shown->front().points[1].latency.p50, 0);
}

TEST_F(UsageStoreTest, TimeSeriesInSecondsComeFromTheSecondsOfTheLastHour) {
  add({make_record({.time = now() - Seconds(3)}), make_record({.time = now() - Seconds(3)}),
       make_record({.time = now() - Seconds(1)})});
  const auto shown = series({.from = now() - Seconds(4), .to = now(), .step = Seconds(1)});
  ASSERT_TRUE(shown.has_value());
  std::vector<std::uint64_t> requests;
  for (const auto& point : shown->front().points) requests.push_back(point.counts.requests);
  EXPECT_THAT(requests, testing::ElementsAre(0, 2, 0, 1));
  const auto too_far = series({.from = now() - std::chrono::hours(2), .to = now(), .step = Seconds(1)});
  EXPECT_TRUE(too_far.error().is(codes::invalid_parameter));
}

TEST_F(UsageStoreTest, TimeSeriesGroupAndKeepTheBusiestAndTheOthersTogether) {
  std::vector<DecisionRecord> records;
  const auto some = [&](std::string_view key, int count) {
    for (int i = 0; i < count; ++i) records.push_back(make_record({.time = minute(10), .key = key}));
  };
  some(kAlice, 3);
  some(kBob, 2);
  some("carol00000", 1);
  some({}, 1);
  add(std::move(records));
  const auto shown = series({.from = minute(15),
                             .to = minute(0),
                             .step = Seconds(900),
                             .group_by = {Dimension::key, Dimension::status},
                             .max_series = 2});
  ASSERT_TRUE(shown.has_value());
  ASSERT_EQ(shown->size(), 3u);
  using Group = std::map<std::string, std::string>;
  EXPECT_EQ((*shown)[0].group, (Group{{"key", std::string(kAlice)}, {"status", "2xx"}}));
  EXPECT_EQ((*shown)[1].group, (Group{{"key", std::string(kBob)}, {"status", "2xx"}}));
  EXPECT_EQ((*shown)[2].group, (Group{{"other", "true"}}));
  EXPECT_EQ((*shown)[2].points[0].counts.requests, 2u);
}

TEST_F(UsageStoreTest, TimeSeriesFilterByKeyAndRoute) {
  add({make_record({.time = minute(10), .key = kAlice, .route = "orders"}),
       make_record({.time = minute(10), .key = kAlice, .route = "users"}),
       make_record({.time = minute(10), .key = kBob, .route = "orders"})});
  const auto requests = [&](const ports::SeriesQuery& query) {
    return series(query)->front().points.front().counts.requests;
  };
  ports::SeriesQuery query{.from = minute(10), .to = minute(4), .step = Seconds(3600)};
  EXPECT_EQ(requests(query), 3u);
  query.filter.key = key_id(kAlice);
  EXPECT_EQ(requests(query), 2u);
  query.filter.route = "orders";
  EXPECT_EQ(requests(query), 1u);
  query.filter.key.reset();
  EXPECT_EQ(requests(query), 2u);
}

TEST_F(UsageStoreTest, TimeSeriesRefuseMorePointsThanTheyCanHold) {
  const auto refused = series({.from = now() - Seconds(11'001 * 60), .to = now(), .step = Seconds(60)});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::invalid_parameter));
  EXPECT_TRUE(series({.from = minute(11'000), .to = minute(0), .step = Seconds(60)}));
  EXPECT_FALSE(series({.from = now(), .to = now(), .step = Seconds(60)}));
  EXPECT_FALSE(series({.from = now() - Seconds(9), .to = now(), .step = Seconds(0)}));
}

TEST_F(UsageStoreTest, TheBusiestKeysAndEndpointsComeFirst) {
  add({make_record({.time = minute(20), .key = kAlice, .route = "orders"}),
       make_record({.time = minute(20), .key = kBob, .route = "users"}),
       make_record({.time = minute(21), .key = kBob, .route = "users"}),
       make_record({.time = minute(21), .route = "users", .method = codec::Method::post})});
  ports::TopQuery query{.from = minute(60), .to = minute(0)};
  const auto keys = store_->top(query);
  ASSERT_TRUE(keys.has_value());
  ASSERT_EQ(keys->entries.size(), 2u);  // requests without a key are not a key
  EXPECT_EQ(keys->entries[0].name, kBob);
  EXPECT_EQ(keys->entries[0].counts.requests, 2u);
  EXPECT_EQ(keys->entries[1].name, kAlice);
  query.by = ports::TopQuery::By::endpoint;
  query.count = 1;
  const auto endpoints = store_->top(query);
  ASSERT_EQ(endpoints->entries.size(), 1u);
  EXPECT_EQ(endpoints->entries[0].name, "GET users");
  query.metric = ports::Metric::latency;
  EXPECT_TRUE(store_->top(query).error().is(codes::invalid_parameter));
}

TEST_F(UsageStoreTest, RecentMinutesEndWithTheCurrentOne) {
  add({make_record({.time = now()}), make_record({.time = minute(1)}), make_record({.time = minute(1)}),
       make_record({.time = minute(3)})});
  const auto minutes = store_->recent_minutes(now(), 3);
  ASSERT_EQ(minutes->size(), 3u);
  EXPECT_EQ((*minutes)[0].counts.requests, 0u);
  EXPECT_EQ((*minutes)[1].counts.requests, 2u);
  EXPECT_EQ((*minutes)[2].counts.requests, 1u);
  EXPECT_EQ((*minutes)[2].time, minute(0));
}

TEST_F(UsageStoreTest, LateRecordsLandInTheirOwnBucketAndThoseFromTheFutureInThisOne) {
  add({make_record({.time = minute(6 * 24 * 60)}), make_record({.time = now() + std::chrono::hours(24)})});
  const auto late = series({.from = minute(6 * 24 * 60), .to = minute(6 * 24 * 60 - 1), .step = Seconds(60)});
  EXPECT_EQ(late->front().points.front().counts.requests, 1u);
  EXPECT_EQ(store_->recent_minutes(now(), 1)->front().counts.requests, 1u);
}

TEST_F(UsageStoreTest, ExpiryDeletesSecondsAfterAnHourAndKeepsTheirMinutes) {
  add({make_record({.time = now()}), make_record({.time = now() + Seconds(1)})});
  const WallTime then = minute(0);
  EXPECT_EQ(*store_->expire(now() + Seconds(3600)), 0u);
  EXPECT_EQ(*store_->expire(now() + Seconds(3600 + 302)), 4u) << "each with its row of everyone";
  const auto shown = series({.from = then, .to = then + Seconds(360), .step = Seconds(60)});
  EXPECT_EQ(shown->front().points.front().counts.requests, 2u);
  EXPECT_EQ(*store_->expire(now() + std::chrono::days(401)), 2u);
  EXPECT_EQ(total(), 2u);
}

TEST_F(UsageStoreTest, EveryRollupEqualsARecountOfTheRecords) {
  std::mt19937_64 random(20'260'921);
  const WallTime start = minute(40);
  RollupValue all;
  std::map<std::uint64_t, RollupCounts> by_key;
  std::map<std::int64_t, RollupValue> by_minute;
  std::vector<DecisionRecord> batch;
  for (int i = 0; i < 3000; ++i) {
    batch.push_back(random_record(random, start, Seconds(1800)));
    const DecisionRecord& record = batch.back();
    all.add(record);
    by_key[record.key].add(record);
    by_minute[record.time_ns / 60'000'000'000].add(record);
    if (random() % 100 == 0) add(std::exchange(batch, {}));
  }
  if (!batch.empty()) add(std::move(batch));

  EXPECT_EQ(store_->system_stats(now())->counts, all.counts);
  for (const auto& [key, counts] : by_key) {
    if (key == 0) continue;
    EXPECT_EQ(store_->key_usage(core::key_of_number(key), now())->value().counts, counts);
  }
  const auto minutes = series({.from = start, .to = start + Seconds(1800), .step = Seconds(60)});
  const auto seconds = series({.from = start, .to = start + Seconds(1800), .step = Seconds(1)});
  ASSERT_EQ(minutes->front().points.size(), 30u);
  ASSERT_EQ(seconds->front().points.size(), 1800u);
  for (std::size_t i = 0; i < 30; ++i) {
    const auto& point = minutes->front().points[i];
    const RollupValue& recount = by_minute[point.time.time_since_epoch().count() / 60'000'000'000];
    EXPECT_EQ(point.counts, recount.counts);
    EXPECT_DOUBLE_EQ(point.latency.p99, recount.latency.quantile_us(0.99) / 1000);
    RollupCounts of_seconds;
    for (std::size_t s = 0; s < 60; ++s) of_seconds += seconds->front().points[i * 60 + s].counts;
    EXPECT_EQ(of_seconds, recount.counts);
  }
  const auto whole = series({.from = start, .to = start + Seconds(1800), .step = Seconds(1800)});
  EXPECT_DOUBLE_EQ(whole->front().points.front().latency.p90, all.latency.quantile_us(0.9) / 1000);
}

}  // namespace
}  // namespace tollgate::stores
