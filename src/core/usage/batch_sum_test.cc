#include "core/usage/batch_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "core/usage/random_records_test.h"

namespace tollgate::core {
namespace {

constexpr WallTime kNow{Seconds(1'790'000'100)};
constexpr BatchClock kClock{.now = kNow, .earliest = kNow - Seconds(86'400), .latest = kNow + Seconds(300)};

std::map<RollupKey, RollupValue> rows_of(const std::vector<Chunk>& chunks) {
  std::map<RollupKey, RollupValue> rows;
  for (const Chunk& chunk : chunks) {
    auto reader = ChunkReader::open(chunk.bytes);
    RollupRow row;
    while (reader->next(row)) {
      EXPECT_FALSE(rows.contains(row.key));
      rows[row.key].add(row);
    }
    EXPECT_FALSE(reader->damaged());
  }
  return rows;
}

TEST(BatchSum, EqualsARecountOfTheRecords) {
  std::mt19937_64 random(42);
  std::vector<DecisionRecord> records;
  std::map<RollupKey, RollupValue> recount;
  std::map<std::int64_t, RollupValue> by_second;
  std::map<std::uint64_t, std::int64_t> last_second;
  RollupCounts all;
  for (int i = 0; i < 20'000; ++i) {
    const DecisionRecord& record = records.emplace_back(random_record(random));
    const RollupKey key = RollupKey::of(record, Seconds(1));
    recount[key].add(record);
    recount[key.of_everyone()].add(record);
    by_second[key.bucket()].add(record);
    all.add(record);
    if (key.key != 0) last_second[key.key] = std::max(last_second[key.key], key.bucket());
  }
  const BatchSum sum = sum_up(records, kClock);
  EXPECT_EQ(rows_of(sum.chunks), recount);
  EXPECT_EQ(sum.all, all);
  ASSERT_EQ(sum.seconds.entries().size(), by_second.size());
  for (const auto& [key, second] : sum.seconds.entries()) {
    EXPECT_EQ(second.requests, by_second[key.bucket()].counts.requests);
    EXPECT_EQ(second.latency, by_second[key.bucket()].latency);
  }
  ASSERT_EQ(sum.keys.size(), last_second.size());
  for (const auto& [key, second] : sum.keys) EXPECT_EQ(second, last_second.at(key));
}

TEST(BatchSum, KnowsWhenEachRowWasLastUsedToTheMillisecond) {
  DecisionRecord early, late;
  early.time_ns = 1'790'000'000'123'456'789;
  late.time_ns = 1'790'000'000'987'654'321;
  const BatchSum sum = sum_up(std::vector{late, early}, kClock);
  auto reader = ChunkReader::open(sum.chunks.at(0).bytes);
  RollupRow row;
  ASSERT_TRUE(reader->next(row));
  EXPECT_EQ(row.last_ms, 1'790'000'000'987);
}

TEST(BatchSum, TakesTimesBeyondTheLatestForNowAndThoseBeforeTheEarliestForThatAndCountsBoth) {
  const auto sum_of = [](std::int64_t time_ns) {
    DecisionRecord record;
    record.time_ns = time_ns;
    return sum_up({&record, 1}, kClock);
  };
  const std::int64_t latest = kClock.latest.time_since_epoch().count();
  const std::int64_t earliest = kClock.earliest.time_since_epoch().count();
  EXPECT_EQ(sum_of(latest + 1).chunks.at(0).info.bucket_max, 1'790'000'100);
  EXPECT_EQ(sum_of(latest + 1).clamped_future, 1u);
  EXPECT_EQ(sum_of(latest).chunks.at(0).info.bucket_max, 1'790'000'400);
  EXPECT_EQ(sum_of(latest).clamped_future, 0u);
  EXPECT_EQ(sum_of(earliest).clamped_past, 0u);
  EXPECT_EQ(sum_of(earliest - 1).clamped_past, 1u);
  for (const std::int64_t time : {earliest, earliest - 1, std::int64_t{0}, std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_EQ(sum_of(time).chunks.at(0).info.bucket_max, 1'789'913'700);
  }
}

}  // namespace
}  // namespace tollgate::core
