#include "stores/memory/limit_migration.h"

#include <gtest/gtest.h>

namespace tollgate::stores {
namespace {

// Fails from the n-th migration on; waits before each when it has a loop.
class FakeStore final : public ports::LimitStore {
 public:
  Task<Result<core::LimitOutcome>> apply(std::span<const core::LimitCheck>, ports::ApplyOptions) override {
    co_return core::LimitOutcome{};
  }
  Task<Result<core::LimitAnswer>> read(core::LimitCheck) override { co_return core::LimitAnswer{}; }
  Task<Result<void>> reset(core::LimitCheck) override { co_return Result<void>{}; }
  Task<Result<void>> migrate(core::LimitCheck from, core::LimitCheck) override {
    if (loop != nullptr) co_await loop->sleep(Millis(1));
    if (carried.size() >= takes) co_return fail(codes::limiter_unavailable);
    carried.push_back(from.bucket.low);
    co_return Result<void>{};
  }

  runtime::EventLoop* loop = nullptr;
  std::size_t takes = 100;
  std::vector<std::uint64_t> carried;
};

std::vector<LimitMigration> three() {
  std::vector<LimitMigration> migrations(3);
  for (std::size_t i = 0; i < 3; ++i) migrations[i].from.bucket.low = i;
  return migrations;
}

TEST(MigrateInline, CarriesAllOverInOrderOnTheCallersThread) {
  FakeStore store;
  EXPECT_EQ(migrate_inline(store)(three()), 3u);
  EXPECT_EQ(store.carried, (std::vector<std::uint64_t>{0, 1, 2}));
}

TEST(MigrateInline, StopsAtTheFirstThatFailsAndSaysWhere) {
  FakeStore store;
  store.takes = 2;
  EXPECT_EQ(migrate_inline(store)(three()), 2u);
}

TEST(MigrateOn, WaitsForAStoreThatSuspends) {
  runtime::LoopThread thread("test");
  FakeStore store;
  store.loop = &thread.loop();
  EXPECT_EQ(migrate_on(thread, store)(three()), 3u);
}

}  // namespace
}  // namespace tollgate::stores
