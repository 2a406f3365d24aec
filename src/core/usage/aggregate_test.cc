#include "core/usage/aggregate.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/usage/random_records_test.h"
#include "core/usage/record_batch.h"

namespace tollgate::core {
namespace {

using Rows = std::map<RollupKey, RollupValue>;

std::vector<DecisionRecord> random_records(std::mt19937_64& random, std::size_t count) {
  std::vector<DecisionRecord> records;
  for (std::size_t i = 0; i < count; ++i) records.push_back(random_record(random));
  return records;
}

Rows recount(const std::vector<DecisionRecord>& records) {
  Rows rows;
  for (const DecisionRecord& record : records) rows[RollupKey::of(record, kAggregateUnit)].add(record);
  return rows;
}

Rows rows_of(const Aggregate& aggregate) {
  Rows rows;
  for (const std::string& bytes : aggregate.chunks) {
    auto reader = ChunkReader::open(bytes);
    RollupRow row;
    while (reader && reader->next(row)) {
      EXPECT_FALSE(rows.contains(row.key)) << "rows of one key were not summed";
      rows[row.key].add(row);
    }
    EXPECT_TRUE(reader && !reader->damaged());
  }
  return rows;
}

Aggregate aggregate_at(std::uint64_t first, const std::vector<DecisionRecord>& records) {
  Aggregate aggregate = aggregate_of(records);
  aggregate.first = first;
  aggregate.end = first + records.size();
  return aggregate;
}

TEST(Aggregate, IsWhatItsRecordsComeToPerMinute) {
  std::mt19937_64 random(11);
  for (const std::size_t count : {1u, 100u, 20'000u}) {
    const auto records = random_records(random, count);
    Aggregate aggregate = aggregate_at(7, records);
    EXPECT_EQ(rows_of(aggregate), recount(records));
    EXPECT_EQ(aggregate.requests, count);
    EXPECT_EQ(aggregate.lost(), 0u);
    ASSERT_TRUE(check_aggregate(aggregate));
    EXPECT_EQ(aggregate.requests, count);
  }
}

TEST(Aggregate, JoinedIsWhatBothComeTo) {
  std::mt19937_64 random(12);
  auto records = random_records(random, 3000);
  const auto more = random_records(random, 2000);
  const auto both = join(aggregate_at(0, records), aggregate_at(3000, more));
  ASSERT_TRUE(both);
  records.insert(records.end(), more.begin(), more.end());
  EXPECT_EQ(rows_of(*both), recount(records));
  EXPECT_EQ(both->first, 0u);
  EXPECT_EQ(both->end, 5000u);
  EXPECT_EQ(both->requests, 5000u);
}

TEST(Aggregate, WithoutRecordsIsOnlyALoss) {
  Aggregate nothing = aggregate_of({});
  nothing.first = 3;
  nothing.end = 10;
  EXPECT_TRUE(nothing.chunks.empty());
  ASSERT_TRUE(check_aggregate(nothing));
  EXPECT_EQ(nothing.lost(), 7u);
  DecisionRecord record;
  const auto both = join(nothing, aggregate_at(10, {record}));
  ASSERT_TRUE(both);
  EXPECT_EQ(both->lost(), 7u);
  EXPECT_EQ(both->requests, 1u);
}

TEST(Aggregate, NamesEachNameOnce) {
  std::mt19937_64 random(13);
  const auto records = random_records(random, 500);
  std::set<NameUse> wanted;
  for (const DecisionRecord& record : records) {
    if (record.route != 0) wanted.insert({NameKind::route, record.route});
    if (record.tier != 0) wanted.insert({NameKind::tier, record.tier});
    if (record.consumer != 0) wanted.insert({NameKind::consumer, record.consumer});
  }
  const auto used = names_used(aggregate_of(records));
  EXPECT_EQ(std::set<NameUse>(used.begin(), used.end()), wanted);
  EXPECT_EQ(used.size(), wanted.size());
}

TEST(Aggregate, AddsUpToChunksOfOneWindowEachWithRowsOfEveryoneAndCorrectsMinutesThatAreNotBelieved) {
  std::mt19937_64 random(14);
  auto records = random_records(random, 2000);
  const WallTime now(Seconds(1'790'000'000));
  const BatchClock clock{.now = now, .earliest = now - std::chrono::days(7), .latest = now + Seconds(300)};
  constexpr int kDaysOff[] = {1, 2, -8, -20, 0, 0};
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].time_ns += Nanos(std::chrono::days(kDaysOff[i % 6])).count();
  }
  const auto sum = sum_up(aggregate_at(0, records), clock, Seconds(3600));
  ASSERT_TRUE(sum);
  RollupCounts all;
  std::uint64_t past = 0;
  std::uint64_t future = 0;
  for (DecisionRecord& record : records) {
    all.add(record);
    const std::int64_t minute = RollupKey::of(record, kAggregateUnit).bucket();
    if (minute > 1'790'000'300) {
      ++future;
      record.time_ns = now.time_since_epoch().count();
    } else if (minute + 60 <= 1'790'000'000 - 7 * 86'400) {
      ++past;
      record.time_ns = clock.earliest.time_since_epoch().count();
    }
  }
  EXPECT_EQ(sum->all, all);
  EXPECT_EQ(sum->clamped_past, past);
  EXPECT_EQ(sum->clamped_future, future);
  EXPECT_GT(std::min(past, future), 100u);
  Rows rows;
  for (const Chunk& chunk : sum->chunks) {
    EXPECT_EQ(chunk.info.bucket_min / 3600, chunk.info.bucket_max / 3600) << "a chunk of two windows";
    auto reader = ChunkReader::open(chunk.bytes);
    RollupRow row;
    while (reader->next(row)) rows[row.key].add(row);
  }
  Rows wanted = recount(records);
  for (const DecisionRecord& record : records) {
    wanted[RollupKey::of(record, kAggregateUnit).of_everyone()].add(record);
  }
  EXPECT_EQ(rows, wanted);
}

RecordBatch batch_of_counts() {
  std::mt19937_64 random(15);
  RecordBatch batch{.ring_id = 42, .names = {}, .records = {}, .lost_before = 5};
  batch.names.push_back({NameKind::tier, name_ref(NameKind::tier, "free"), "free"});
  batch.aggregate = aggregate_at(9, random_records(random, 20));
  batch.aggregate->end += 3;
  return batch;
}

TEST(RecordBatchOfCounts, ComesBackAsItWasEncoded) {
  const RecordBatch before = batch_of_counts();
  const auto after = decode_batch(encode_batch(before));
  ASSERT_TRUE(after.has_value()) << after.error().to_string();
  EXPECT_EQ(after->ring_id, 42u);
  EXPECT_EQ(after->lost_before, 5u);
  EXPECT_EQ(after->names, before.names);
  EXPECT_TRUE(after->records.empty());
  EXPECT_EQ(after->aggregate, before.aggregate);
}

TEST(RecordBatchOfCounts, EveryTruncationAndEveryChangedByteIsRefused) {
  const std::string sound = encode_batch(batch_of_counts());
  for (std::size_t at = 0; at < sound.size(); ++at) {
    EXPECT_FALSE(decode_batch(std::string_view(sound).substr(0, at))) << at;
    std::string bytes = sound;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
    EXPECT_FALSE(decode_batch(bytes)) << at;
  }
  EXPECT_FALSE(decode_batch(sound + sound));
}

TEST(RecordBatchOfCounts, RefusesMoreRequestsThanSequencesRowsOutOfOrderAndPartsOfMinutesAndRowsOfEveryone) {
  RecordBatch batch = batch_of_counts();
  const auto refused = [&] { return !decode_batch(encode_batch(batch)); };
  EXPECT_FALSE(refused());
  batch.aggregate->end = batch.aggregate->first + 19;
  EXPECT_TRUE(refused()) << "more requests than sequences";
  batch.aggregate->end = batch.aggregate->first + 100;
  batch.aggregate->chunks.push_back(batch.aggregate->chunks.front());
  EXPECT_TRUE(refused()) << "the same rows again";
  DecisionRecord record;
  record.time_ns = Nanos(Seconds(61)).count();
  batch.aggregate->chunks = {sum_up(std::span(&record, 1), {.now = {}, .latest = WallTime::max()}).chunks[0].bytes};
  EXPECT_TRUE(refused()) << "a second, not a minute";
  record.time_ns = 0;
  batch.aggregate->chunks = {sum_up(std::span(&record, 1), {.now = {}, .latest = WallTime::max()}).chunks[0].bytes};
  EXPECT_TRUE(refused()) << "with a row of everyone";
  batch.aggregate->chunks.clear();
  batch.aggregate->end = batch.aggregate->first;
  EXPECT_TRUE(refused()) << "no sequence";
}

}  // namespace
}  // namespace tollgate::core
