#include "core/usage/rollup.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <random>

namespace tollgate::core {
namespace {

KeyId key_named(std::uint32_t number) {
  KeyId id;
  for (char& c : id.text) {
    c = static_cast<char>('a' + number % 26);
    number /= 26;
  }
  return id;
}

DecisionRecord random_record(std::mt19937_64& random) {
  DecisionRecord record;
  record.time_ns = 1'790'000'000'000'000'000 + static_cast<std::int64_t>(random() % 180'000'000'000);
  record.key_id = random() % 5 == 0 ? KeyId{} : key_named(static_cast<std::uint32_t>(random() % 40));
  record.route = static_cast<NameRef>(random() % 4);
  record.tier = static_cast<NameRef>(random() % 3);
  record.method = static_cast<std::uint8_t>(random() % 10);
  record.status = static_cast<std::uint16_t>(random() % 6 * 100);
  record.outcome = static_cast<Outcome>(random() % 8);
  record.cost = static_cast<std::uint32_t>(random() % 10);
  record.total_us = static_cast<std::uint32_t>(random() % 1'000'000);
  record.bytes_in = random() % 5000;
  record.bytes_out = random() % 50'000;
  return record;
}

TEST(RollupMap, EqualsARecountOfTheRecords) {
  std::mt19937_64 random(42);
  RollupMap seconds;
  std::map<RollupKey, RollupValue> recount;
  for (int i = 0; i < 20'000; ++i) {
    const DecisionRecord record = random_record(random);
    seconds.add(record, Seconds(1));
    recount[RollupKey::of(record, Seconds(1))].add(record);
  }
  std::map<RollupKey, RollupValue> got;
  for (const auto& [key, value] : seconds.entries()) EXPECT_TRUE(got.emplace(key, value).second);
  EXPECT_EQ(got, recount);
}

TEST(RollupMap, MinutesAreTheSumOfTheirSeconds) {
  std::mt19937_64 random(43);
  RollupMap seconds, folded, minutes;
  for (int i = 0; i < 5000; ++i) {
    const DecisionRecord record = random_record(random);
    seconds.add(record, Seconds(1));
    minutes.add(record, Seconds(60));
  }
  for (const auto& [key, value] : seconds.entries()) {
    RollupKey minute = key;
    minute.bucket -= minute.bucket % 60;
    folded.at(minute).merge(value);
  }
  ASSERT_EQ(folded.entries().size(), minutes.entries().size());
  for (const auto& [key, value] : minutes.entries()) EXPECT_EQ(folded.at(key), value);
}

TEST(RollupCounts, CountsEachOutcomeWhereItBelongs) {
  const auto counts_of = [](Outcome outcome, std::uint16_t status) {
    RollupCounts counts;
    DecisionRecord record;
    record.outcome = outcome;
    record.status = status;
    counts.add(record);
    return std::array{counts.requests, counts.allowed, counts.rate_limited, counts.unauthorized, counts.errors};
  };
  using Row = std::array<std::uint64_t, 5>;
  EXPECT_EQ(counts_of(Outcome::allowed, 200), (Row{1, 1, 0, 0, 0}));
  EXPECT_EQ(counts_of(Outcome::allowed, 404), (Row{1, 1, 0, 0, 0}));
  EXPECT_EQ(counts_of(Outcome::allowed, 503), (Row{1, 1, 0, 0, 1}));
  EXPECT_EQ(counts_of(Outcome::limited, 429), (Row{1, 0, 1, 0, 0}));
  EXPECT_EQ(counts_of(Outcome::unauthenticated, 401), (Row{1, 0, 0, 1, 0}));
  EXPECT_EQ(counts_of(Outcome::forbidden, 403), (Row{1, 0, 0, 0, 0}));
  EXPECT_EQ(counts_of(Outcome::bad_request, 400), (Row{1, 0, 0, 0, 0}));
  EXPECT_EQ(counts_of(Outcome::upstream_error, 502), (Row{1, 1, 0, 0, 1}));
  EXPECT_EQ(counts_of(Outcome::shed, 503), (Row{1, 0, 0, 0, 1}));
  EXPECT_EQ(counts_of(Outcome::local, 200), (Row{1, 0, 0, 0, 0}));
}

TEST(RollupKey, TakesForeignBytesForNoKeyAndStrangeTimesForTheFirstBucket) {
  DecisionRecord record;
  record.key_id.text = {'a', 'b', '"', '<', 'e', 'f', 'g', 'h', 'i', '\n'};
  record.time_ns = -5;
  record.status = 999;
  const RollupKey key = RollupKey::of(record, Seconds(60));
  EXPECT_TRUE(key.key.empty());
  EXPECT_EQ(key.bucket, 0);
  EXPECT_EQ(key.status_class, 0);
}

}  // namespace
}  // namespace tollgate::core
