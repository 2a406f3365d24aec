#include "core/usage/rollup.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "core/usage/random_records_test.h"
#include "core/usage/row_table.h"

namespace tollgate::core {
namespace {

KeyId random_key_id() {
  KeyId id;
  for (char& c : id.text) c = *rc::gen::elementOf(std::string("0189AZaz"));
  return id;
}

RC_GTEST_PROP(KeyNumber, NamesEachKeyAndSortsAsItsText, ()) {
  const KeyId a = random_key_id(), b = random_key_id();
  RC_ASSERT(key_of_number(key_number(a)) == a);
  RC_ASSERT((key_number(a) < key_number(b)) == (a < b));
  RC_ASSERT((key_number(a) >= 1 && key_number(a) <= kKeyNumberMax));
}

TEST(KeyNumber, IsZeroForNoKeyAndTheGreatestForTheLast) {
  EXPECT_EQ(key_number(KeyId{}), 0u);
  EXPECT_EQ(key_of_number(0), KeyId{});
  KeyId last;
  last.text.fill('z');
  EXPECT_EQ(key_number(last), kKeyNumberMax);
}

RC_GTEST_PROP(RollupKey, KeepsItsPartsAndTheirOrder, ()) {
  const auto parts = [] {
    return RollupKey::Parts{.bucket = *rc::gen::inRange<std::int64_t>(0, 3'000'000'000),
                            .key = *rc::gen::inRange<std::uint64_t>(0, 3),
                            .consumer = *rc::gen::inRange<NameRef>(0, 3),
                            .route = *rc::gen::arbitrary<NameRef>(),
                            .tier = *rc::gen::arbitrary<NameRef>(),
                            .method = *rc::gen::arbitrary<std::uint8_t>(),
                            .status_class = *rc::gen::inRange<std::uint8_t>(0, 6)};
  };
  const RollupKey::Parts a = parts(), b = parts();
  const auto tuple = [](const RollupKey::Parts& p) {
    return std::tuple(p.key, p.consumer, p.route, p.tier, p.method, p.status_class, p.bucket);
  };
  const RollupKey packed = RollupKey::pack(a);
  RC_ASSERT((packed.bucket() == a.bucket && packed.key == a.key && packed.route() == a.route));
  RC_ASSERT(packed.consumer == a.consumer);
  RC_ASSERT((packed.tier() == a.tier && packed.method() == a.method && packed.status_class() == a.status_class));
  RC_ASSERT((packed < RollupKey::pack(b)) == (tuple(a) < tuple(b)));
}

TEST(RowTable, EqualsARecountOfTheRecords) {
  std::mt19937_64 random(42);
  RowTable<RollupValue> seconds;
  std::map<RollupKey, RollupValue> recount;
  for (int i = 0; i < 20'000; ++i) {
    const DecisionRecord record = random_record(random);
    seconds.at(RollupKey::of(record, Seconds(1))).add(record);
    recount[RollupKey::of(record, Seconds(1))].add(record);
  }
  std::map<RollupKey, RollupValue> got;
  for (const auto& [key, value] : seconds.entries()) EXPECT_TRUE(got.emplace(key, value).second);
  EXPECT_EQ(got, recount);
  for (const auto& [key, value] : recount) EXPECT_EQ(*seconds.find(key), value);
  EXPECT_EQ(seconds.find({.key = kKeyNumberMax}), nullptr);
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

TEST(ClientHash, TellsNetworksAndFamiliesApartAndKnowsNothingOfAnUnknownClient) {
  DecisionRecord v4, v6, other, unknown;
  v4.client_family = other.client_family = 4;
  v6.client_family = 6;
  v4.client_net = v6.client_net = unknown.client_net = {10, 1, 2, 3};
  other.client_net = {10, 1, 2, 4};
  EXPECT_EQ(client_hash(v4), client_hash(v4));
  EXPECT_NE(client_hash(v4), client_hash(v6));
  EXPECT_NE(client_hash(v4), client_hash(other));
  EXPECT_FALSE(client_hash(unknown));
}

TEST(RollupKey, TakesForeignBytesForNoKeyAndStrangeTimesForTheFirstBucket) {
  DecisionRecord record;
  record.key = kKeyNumberMax + 1;
  record.time_ns = -5;
  record.status = 999;
  const RollupKey key = RollupKey::of(record, Seconds(60));
  EXPECT_EQ(key.key, 0u);
  EXPECT_EQ(key.bucket(), 0);
  EXPECT_EQ(key.status_class(), 0);
}

}  // namespace
}  // namespace tollgate::core
