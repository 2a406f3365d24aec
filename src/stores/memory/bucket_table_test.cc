#include "stores/memory/bucket_table.h"

#include <gtest/gtest.h>

#include <set>

#include "base/rcu.h"

namespace tollgate::stores {
namespace {

constexpr core::LimiterTime kNow{1'000'000'000'000};
constexpr std::uint32_t kLater = 2000;  // seconds

Hash128 key(std::uint64_t n) {
  return hash_tuple({std::to_string(n)}, 3);
}

Slot* insert(BucketTable& table, Hash128 which, std::uint64_t tat, std::uint32_t keep_until) {
  BucketTable::Exclusive shard = table.lock(which);
  return shard.insert({{tat}, keep_until}, kNow, Room::ordinary);
}

TEST(BucketTable, FindsEveryKeyThroughGrowth) {
  const RcuReadGuard guard;
  BucketTable table(64u << 20);
  for (std::uint64_t n = 0; n < 50'000; ++n) {
    ASSERT_EQ(table.find(key(n)).slot, nullptr);
    ASSERT_NE(insert(table, key(n), n + 1, kLater), nullptr);
  }
  for (std::uint64_t n = 0; n < 50'000; ++n) ASSERT_EQ(table.find(key(n)).word, n + 1);
  EXPECT_EQ(table.stats().buckets, 50'000u);
  EXPECT_GT(table.stats().rebuilds, 256u);
}

TEST(BucketTable, KeysThatAgreeInHalfTheirBitsAreApart) {
  const RcuReadGuard guard;
  BucketTable table(1u << 20);
  ASSERT_NE(insert(table, {1, 2}, 10, kLater), nullptr);
  ASSERT_NE(insert(table, {1, 3}, 11, kLater), nullptr);
  ASSERT_NE(insert(table, {2, 2}, 12, kLater), nullptr);
  EXPECT_EQ(table.find({1, 2}).word, 10u);
  EXPECT_EQ(table.find({1, 3}).word, 11u);
  EXPECT_EQ(table.find({2, 2}).word, 12u);
  EXPECT_EQ(table.find({2, 3}).slot, nullptr);
}

TEST(BucketTable, SweepForgetsWhatMayBeForgottenAndNothingElse) {
  const RcuReadGuard guard;
  BucketTable table(1u << 20);
  for (std::uint64_t n = 0; n < 2000; ++n) insert(table, key(n), n + 1, n % 2 == 0 ? kLater : 1000);
  table.sweep(kNow, 1u << 20);
  for (std::uint64_t n = 0; n < 2000; ++n) ASSERT_EQ(table.find(key(n)).slot != nullptr, n % 2 == 0) << n;
  EXPECT_EQ(table.stats().buckets, 1000u);
}

TEST(BucketTable, ForgottenKeyComesBackInItsOwnSlot) {
  const RcuReadGuard guard;
  BucketTable table(1u << 20);
  Slot* const first = insert(table, key(1), 5, 1000);
  table.sweep(kNow, 1u << 20);
  ASSERT_EQ(table.find(key(1)).slot, nullptr);
  EXPECT_EQ(insert(table, key(1), 6, kLater), first);
  EXPECT_EQ(table.find(key(1)).word, 6u);
}

TEST(BucketTable, FullOfBucketsInUseItHasNoRoomAndSaysSo) {
  const RcuReadGuard guard;
  BucketTable table(256 * 32 * 64);  // 64 slots a shard
  std::size_t made = 0;
  for (std::uint64_t n = 0; n < 40'000; ++n) made += insert(table, key(n), 1, kLater) != nullptr ? 1u : 0u;
  EXPECT_EQ(made, 256u * 56);
  EXPECT_EQ(table.stats().buckets, made);
  EXPECT_LE(table.stats().bytes, 256 * 32 * 64 + 256 * 192u);
}

TEST(BucketTable, AtTheCapForgottenBucketsMakeRoomForOthers) {
  const RcuReadGuard guard;
  BucketTable table(256 * 32 * 64);
  for (std::uint64_t n = 0; n < 100'000; ++n) ASSERT_NE(insert(table, key(n), 1, 1000), nullptr) << n;
}

TEST(BucketTable, CopyHoldsEachBucketInUseOnce) {
  const RcuReadGuard guard;
  BucketTable table(1u << 20);
  for (std::uint64_t n = 0; n < 3000; ++n) insert(table, key(n), n + 1, n < 2000 ? kLater : 1000);
  std::set<std::uint64_t> seen;
  for (std::size_t shard = 0; shard < BucketTable::kShards; ++shard) {
    for (const StoredBucket& bucket : table.copy_shard(shard, kNow)) {
      EXPECT_TRUE(seen.insert(bucket.tat).second);
      EXPECT_EQ(bucket.key, key(bucket.tat - 1));
    }
  }
  EXPECT_EQ(seen.size(), 2000u);
  EXPECT_EQ(*seen.rbegin(), 2000u);
}

}  // namespace
}  // namespace tollgate::stores
