// What must hold whatever the threads do; also run under ThreadSanitizer.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "stores/memory/memory_limit_store.h"
#include "tests/contract/limit_store_contract.h"

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kToken = 1'000'000;
constexpr int kThreads = 8;

class Threads : public ::testing::Test {
 protected:
  static Hash128 key(std::string_view kind, std::uint64_t n) { return hash_tuple({kind, std::to_string(n)}, 5); }
  static core::LimitCheck check(const core::TokenBucket& rule, Hash128 bucket, std::uint64_t cost = 1) {
    return {.rule = &rule, .bucket = bucket, .cost = cost, .created = {}, .shadow = false};
  }
  bool admits(std::vector<core::LimitCheck> checks) { return store_->decide(checks, {}).allowed; }

  template <class Work>
  static void on_all_threads(Work work) {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) threads.emplace_back([=] { work(thread); });
  }

  ManualClock clock_;
  std::unique_ptr<MemoryLimitStore> store_ = std::move(*MemoryLimitStore::open(clock_, {}));
  core::TokenBucket large_ =
      testing::rule_of({.refill_micro = kToken, .max_burst = 20'000, .tokens_per_window = 20'000});
  core::TokenBucket small_ = testing::rule_of({.refill_micro = kToken, .max_burst = 5'000, .tokens_per_window = 5'000});
};

TEST_F(Threads, FrozenClockAdmitsExactlyTheBurst) {
  std::atomic<std::uint64_t> admitted{0};
  on_all_threads([&](int) {
    for (int i = 0; i < 4'000; ++i) admitted += admits({check(large_, key("hot", 0))}) ? 1 : 0;
  });
  EXPECT_EQ(admitted, 20'000u);
}

TEST_F(Threads, SeveralLimitsAtOnceAdmitExactlyTheSmallestAndTakeNothingElse) {
  std::atomic<std::uint64_t> admitted{0};
  on_all_threads([&](int thread) {
    for (int i = 0; i < 3'000; ++i) {
      // Opposite orders, so that races are lost on either.
      std::vector<core::LimitCheck> checks{check(large_, key("large", 0)), check(small_, key("small", 0))};
      if (thread % 2 == 0) std::swap(checks[0], checks[1]);
      admitted += admits(checks) ? 1 : 0;
    }
  });
  EXPECT_EQ(admitted, 5'000u);
  EXPECT_EQ(testing::run_now(store_->read(check(large_, key("large", 0)))).value().remaining, 15'000u);
}

TEST_F(Threads, GrowthLosesNoBucketAndNoToken) {
  std::atomic<std::uint64_t> admitted{0};
  on_all_threads([&](int thread) {
    for (std::uint64_t i = 0; i < 6'000; ++i) {
      admits({check(small_, key("cold", i * kThreads + static_cast<std::uint64_t>(thread)))});
      admitted += admits({check(large_, key("hot", i % 4), 4)}) ? 4 : 0;
    }
  });
  EXPECT_EQ(admitted, 4 * 20'000u);
  EXPECT_GT(store_->stats().rebuilds, 256u);
  EXPECT_EQ(store_->stats().buckets, 6'000u * kThreads + 4);
}

TEST_F(Threads, FewTokensAndTimePassingWithSweepsNeverAdmitsMoreThanTheBound) {
  const core::TokenBucket rule =
      testing::rule_of({.refill_micro = 1000 * kToken, .max_burst = 5, .tokens_per_window = 5});
  std::atomic<std::uint64_t> admitted{0};
  constexpr std::uint64_t kMillis = 4'000;
  {
    std::jthread time([&](const std::stop_token& stop) {
      for (std::uint64_t i = 0; i < kMillis && !stop.stop_requested(); ++i) {
        clock_.advance(Millis(1));
        store_->sweep();
      }
    });
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 5'000; ++i) admitted += admits({check(rule, key("hot", 0))}) ? 1 : 0;
      });
    }
  }
  EXPECT_LE(admitted, 5 + kMillis);
}

TEST_F(Threads, MigrationUnderLoadAdmitsNoMoreThanOneBurst) {
  std::atomic<std::uint64_t> admitted{0};
  std::atomic<std::uint64_t> revision{0};
  constexpr std::uint64_t kRevisions = 200;
  const std::array<const core::TokenBucket*, 2> rules{&large_, &small_};
  // Every even revision has the large burst and every odd one the small, so the level can only go down.
  const auto at = [&](std::uint64_t number, std::uint64_t cost) {
    return check(*rules[number % 2], key("rev", number), cost);
  };
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20'000; ++i) admitted += admits({at(revision.load(), 1)}) ? 1 : 0;
      });
    }
    for (std::uint64_t next = 1; next <= kRevisions; ++next) {
      const std::uint64_t before = admitted.load();
      EXPECT_TRUE(testing::run_now(store_->migrate(at(next - 1, 1), at(next, 1))).has_value());
      revision = next;
      while (admitted.load() == before && admitted.load() < 4'000) std::this_thread::yield();
    }
  }
  EXPECT_LE(admitted, 20'000u);
  // Clamped to 5,000 at the first migration, and everything after that is one bucket.
  const std::uint64_t left = testing::run_now(store_->read(at(kRevisions, 1))).value().remaining;
  EXPECT_EQ(left, 0u);
}

TEST_F(Threads, FullTableUnderLoadAdmitsOneBurstForAllKeysWithoutRoom) {
  store_ = std::move(*MemoryLimitStore::open(clock_, {.max_bytes = 256 * 32 * 16}));
  std::atomic<std::uint64_t> admitted{0};
  on_all_threads([&](int) {
    for (std::uint64_t i = 0; i < 12'000; ++i) admitted += admits({check(small_, key("flood", i), 5'000)}) ? 1 : 0;
  });
  EXPECT_EQ(admitted, store_->stats().buckets + 1);
}

TEST_F(Threads, StatisticsAndCopiesDoNotDisturb) {
  testing::run_now(store_->reset(check(large_, key("hot", 0)))).value();
  std::atomic<std::uint64_t> admitted{0};
  std::atomic<bool> done{false};
  std::jthread reader([&] {
    while (!done) {
      store_->sweep();
      EXPECT_LE(testing::run_now(store_->read(check(large_, key("hot", 0)))).value().remaining, 20'000u);
      EXPECT_GT(store_->stats().bytes, 0u);
    }
  });
  on_all_threads([&](int) {
    for (int i = 0; i < 3'000; ++i) admitted += admits({check(large_, key("hot", 0))}) ? 1 : 0;
  });
  done = true;
  EXPECT_EQ(admitted, 20'000u);
}

}  // namespace
}  // namespace tollgate::stores
