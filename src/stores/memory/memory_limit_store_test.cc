#include "stores/memory/memory_limit_store.h"

#include <gtest/gtest.h>

#include "tests/contract/limit_store_contract.h"

namespace tollgate::testing {
namespace {

struct MemoryHarness {
  ManualClock clock;
  std::unique_ptr<stores::MemoryLimitStore> made = std::move(*stores::MemoryLimitStore::open(clock, {}));

  ports::LimitStore& store() { return *made; }
  void advance(Nanos by) { clock.advance(by); }
  core::LimiterTime now() const { return made->now(); }
};

// The same with a table that sweeps and rebuilds all the time.
struct CrampedHarness : MemoryHarness {
  CrampedHarness() { made = std::move(*stores::MemoryLimitStore::open(clock, {.max_bytes = 0})); }
  void advance(Nanos by) {
    clock.advance(by);
    made->sweep();
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LimitStoreContract, MemoryHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(CrampedMemory, LimitStoreContract, CrampedHarness);

}  // namespace
}  // namespace tollgate::testing

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kToken = 1'000'000;

class MemoryLimitStoreTest : public ::testing::Test {
 protected:
  void open(std::size_t max_bytes) { store_ = std::move(*MemoryLimitStore::open(clock_, {.max_bytes = max_bytes})); }
  core::LimitCheck check(std::uint64_t key, std::uint64_t cost = 1) const {
    return {.rule = &rule_,
            .bucket = hash_tuple({"k", std::to_string(key)}, 1),
            .cost = cost,
            .created = {},
            .shadow = false};
  }
  bool admits(const core::LimitCheck& check) { return store_->decide({&check, 1}, {}).allowed; }
  std::uint64_t level(const core::LimitCheck& check) { return testing::run_now(store_->read(check)).value().remaining; }

  ManualClock clock_;
  core::TokenBucket rule_ =
      testing::rule_of({.refill_micro = kToken / 10, .max_burst = 10, .tokens_per_window = 10});  // full in 100 s
  std::unique_ptr<MemoryLimitStore> store_;
};

TEST_F(MemoryLimitStoreTest, MemoryStaysBelowTheCapUnderAFloodOfKeys) {
  constexpr std::size_t kCap = 1u << 20;
  open(kCap);
  const std::size_t fixed = sizeof(OverflowBuckets) + (64u << 10);  // shards' own fields
  for (std::uint64_t key = 0; key < 200'000; ++key) {
    admits(check(key));
    if (key % 1000 == 0) {
      ASSERT_LE(store_->stats().bytes, kCap + fixed);
    }
  }
  EXPECT_GT(store_->stats().overflow_decisions, 0u);
}

TEST_F(MemoryLimitStoreTest, KeysWithoutRoomShareOneBurst) {
  open(1u << 20);
  std::uint64_t admitted = 0;
  const std::uint64_t slots = (1u << 20) / 32;
  for (std::uint64_t key = 0; key < 200'000; ++key) admitted += admits(check(key, 10)) ? 1u : 0u;
  EXPECT_LE(admitted, slots + 1) << "one full burst for each key with a slot, and one for all the others";
}

TEST_F(MemoryLimitStoreTest, DrainedKeyStaysDrainedUnderAFloodOfKeys) {
  open(1u << 20);
  ASSERT_TRUE(admits(check(0, 10)));
  for (std::uint64_t key = 1; key < 100'000; ++key) admits(check(key));
  store_->sweep();
  EXPECT_FALSE(admits(check(0)));
}

TEST_F(MemoryLimitStoreTest, KeyThatGetsItsOwnSlotLaterIsNoFresherThanTheSharedBucketWas) {
  open(1u << 17);
  std::uint64_t key = 0;
  while (store_->stats().overflow_decisions == 0) ASSERT_TRUE(admits(check(++key)));
  ASSERT_TRUE(admits(check(key, 9))) << "all that is left of the shared bucket";
  ASSERT_FALSE(admits(check(key)));
  clock_.advance(Seconds(60));  // the others, who took one token each, are full: there is room
  store_->sweep();
  EXPECT_EQ(level(check(key)), 6u);
  const std::uint64_t shared = store_->stats().overflow_decisions;
  EXPECT_TRUE(admits(check(key, 6)));
  EXPECT_FALSE(admits(check(key)));
  EXPECT_EQ(store_->stats().overflow_decisions, shared) << "it has its own slot now";
}

TEST_F(MemoryLimitStoreTest, FullBucketsGiveTheirMemoryBack) {
  open(64u << 20);
  for (std::uint64_t key = 0; key < 100'000; ++key) ASSERT_TRUE(admits(check(key)));
  const MemoryLimitStats busy = store_->stats();
  EXPECT_EQ(busy.buckets, 100'000u);
  EXPECT_LT(busy.bytes, 100'000u * 48 + sizeof(OverflowBuckets) + (64u << 10));
  clock_.advance(Seconds(60));
  store_->sweep();
  EXPECT_EQ(store_->stats().buckets, 0u);
  EXPECT_LT(store_->stats().bytes, busy.bytes / 4);
}

TEST_F(MemoryLimitStoreTest, DeniedRequestsOfUnknownKeysMakeNoState) {
  open(1u << 20);
  for (std::uint64_t key = 0; key < 1000; ++key) ASSERT_FALSE(admits(check(key, 11)));
  EXPECT_EQ(store_->stats().buckets, 0u);
}

TEST_F(MemoryLimitStoreTest, MigrationFindsRoomWhenNewKeysDoNot) {
  open(1u << 20);
  for (std::uint64_t key = 0; key < 60'000; ++key) admits(check(key));
  const core::LimitCheck from = check(1'000'000);
  const core::LimitCheck to = check(1'000'001);
  EXPECT_TRUE(testing::run_now(store_->migrate(from, to)).has_value());
}

TEST_F(MemoryLimitStoreTest, RetiredBucketIsForgottenAfterAMinute) {
  open(1u << 20);
  ASSERT_TRUE(testing::run_now(store_->migrate(check(1), check(2))).has_value());
  EXPECT_FALSE(admits(check(1)));
  clock_.advance(Seconds(62));
  store_->sweep();
  EXPECT_TRUE(admits(check(1)));
}

}  // namespace
}  // namespace tollgate::stores
