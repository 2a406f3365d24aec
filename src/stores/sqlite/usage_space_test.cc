// What usage.db takes on disk: it grows no further than it may, and shrinks again.
#include "stores/sqlite/usage_space.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/str.h"
#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_records_test.h"
#include "stores/sqlite/usage_store.h"

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kMiB = 1u << 20;

class UsageSpaceTest : public testing::Test {
 protected:
  void open(const UsageOptions& options) {
    store_.reset();
    store_ = *SqliteUsageStore::open(scratch_.file("usage.db"), clock_, options);
  }
  // A row a second for nearly each record, and one a minute for each key.
  void add_minute(std::uint64_t keys) {
    constexpr std::uint64_t kStep = core::kKeyNumberMax / 1'000'000;
    for (int batch = 0; batch < 10; ++batch) {
      std::vector<core::DecisionRecord> records;
      for (int i = 0; i < 4000; ++i) {
        records.push_back(make_record({.time = clock_.wall_now() + Millis(random_() % 5000)}));
        records.back().key = 1 + random_() % keys * kStep;
      }
      TG_ASSERT(store_->ingest(make_batch(next_, std::move(records))).has_value());
      next_ += 4000;
      clock_.advance(Seconds(6));
    }
    maintain();
  }
  void maintain() {
    for (int i = 0; i < 100'000; ++i) {
      const auto more = store_->maintain(clock_.wall_now());
      ASSERT_TRUE(more.has_value()) << more.error().to_string();
      if (!*more) return;
    }
    FAIL() << "maintenance finds no end";
  }
  std::uint64_t file_bytes() {
    auto other = Database::open(scratch_.file("usage.db"), {.migrations = usage_migrations()});
    TG_ASSERT(other->checkpoint().has_value());
    return std::filesystem::file_size(scratch_.file("usage.db"));
  }
  std::int64_t count(const std::string& where) {
    auto other = Database::open(scratch_.file("usage.db"), {.migrations = usage_migrations()});
    return *other->query_int(str::cat("SELECT count(*) FROM chunk WHERE state = 1 AND ", where));
  }
  std::uint64_t requests_since(WallTime from, Seconds step) {
    const auto answer = store_->time_series({.from = from, .to = clock_.wall_now() + Seconds(60), .step = step});
    TG_ASSERT(answer.has_value());
    std::uint64_t requests = 0;
    for (const auto& point : answer->series.front().points) requests += point.counts.requests;
    return requests;
  }
  ports::UsageStorage storage() { return store_->system_stats(clock_.wall_now())->storage; }

  ManualClock clock_;
  ScratchDirectory scratch_;
  std::mt19937_64 random_{1};
  std::unique_ptr<SqliteUsageStore> store_;
  std::uint64_t next_ = 0;
};

TEST_F(UsageSpaceTest, TheFileShrinksWhenWhatItHeldIsDeleted) {
  open({});
  for (int minute = 0; minute < 20; ++minute) add_minute(4000);
  const std::uint64_t full = file_bytes();
  clock_.advance(Seconds(2 * 3600));  // the minutes stay; the seconds were most of it
  maintain();
  const std::uint64_t left = file_bytes();
  EXPECT_LT(left, full / 2) << "of " << full;
  EXPECT_LE(storage().free_bytes, std::max(4 * kMiB, left / 4));
  maintain();
  EXPECT_GE(storage().bytes, left);
  EXPECT_LE(storage().bytes, left + 8 * kMiB);
  EXPECT_EQ(storage().max_bytes, 0u);
}

TEST_F(UsageSpaceTest, BeyondItsBoundTheFinestFiguresGoFirstAndTotalsNever) {
  const WallTime start = std::chrono::floor<std::chrono::days>(clock_.wall_now());
  constexpr std::uint64_t kBound = (64 + 10) * kMiB;  // 64 are kept free
  open({.max_bytes = kBound});
  for (int minute = 0; minute < 20; ++minute) add_minute(1'000'000);
  EXPECT_EQ(count("level = 0 AND folded = 1"), 0) << "seconds that are part of minutes can be spared";
  EXPECT_GT(count("level = 1"), 0);
  EXPECT_LE(file_bytes(), kBound);
  EXPECT_EQ(requests_since(start, Seconds(60)), next_);

  // Minutes that are part of hours go next, the oldest first; the hour is there.
  clock_.advance(Seconds(3700));
  for (int minute = 0; minute < 20; ++minute) add_minute(1'000'000);
  EXPECT_LE(file_bytes(), kBound);
  EXPECT_EQ(requests_since(start, Seconds(86'400)), next_);
  EXPECT_EQ(store_->system_stats(clock_.wall_now())->counts.requests, next_);
  if (count("level = 1 AND folded = 1") == 0) {
    EXPECT_FALSE(store_->time_series({.from = start, .to = clock_.wall_now(), .step = Seconds(60)}))
        << "who asks for what is gone is told";
  }
}

TEST_F(UsageSpaceTest, ABatchThatComesInWhileTheFileShrinksIsTaken) {
  open({});
  for (int minute = 0; minute < 20; ++minute) add_minute(4000);
  clock_.advance(Seconds(2 * 3600));
  std::uint64_t shrinking = 0;
  std::uint64_t before = storage().free_bytes;
  for (bool more = true; more;) {
    more = *store_->maintain(clock_.wall_now());
    if (storage().free_bytes < before) ++shrinking;
    before = storage().free_bytes;
    ASSERT_TRUE(store_->ingest(make_batch(next_++, {make_record({.time = clock_.wall_now()})})));
    if (next_ > 810'000) break;
  }
  EXPECT_GT(shrinking, 5u);
  EXPECT_EQ(store_->system_stats(clock_.wall_now())->counts.requests, next_);
}

}  // namespace
}  // namespace tollgate::stores
