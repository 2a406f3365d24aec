// SIGKILL while batches come in and are folded: what was acknowledged is there, and nothing counts twice.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_records_test.h"
#include "stores/sqlite/usage_store.h"

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kBatch = 50;

struct Shared {
  std::atomic<std::uint64_t> acknowledged;
};

// Sends from where the last ack left off, as a shipper does; whatever was stored beyond it comes again.
[[noreturn]] void ingest_until_killed(const std::string& path, Shared& shared) {
  const SystemClock clock;
  auto store = SqliteUsageStore::open(path, clock);
  TG_ASSERT(store.has_value());
  // Time passes quickly for maintenance, so that there is always something to fold.
  std::thread upkeep([&] {
    for (WallTime now = clock.wall_now();; now += Seconds(61)) {
      TG_ASSERT((*store)->maintain(now).has_value());
      ::sched_yield();
    }
  });
  std::mt19937_64 random(1);
  while (true) {
    std::vector<core::DecisionRecord> records;
    for (std::uint64_t i = 0; i < kBatch; ++i) {
      records.push_back(random_record(random, clock.wall_now() - Seconds(60), Seconds(60)));
    }
    const auto ack = (*store)->ingest(make_batch(shared.acknowledged, std::move(records)));
    TG_ASSERT(ack.has_value());
    shared.acknowledged = ack->stored_through;
  }
}

TEST(UsageStoreKill, SigkillBetweenAnyTwoInstructionsLosesAndDoublesNothing) {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  Shared& shared = *static_cast<Shared*>(memory);
  const ScratchDirectory scratch;
  const SystemClock clock;
  for (int kill = 0; kill < 15; ++kill) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ingest_until_killed(scratch.file("usage.db"), shared);
    // The kill must not come before the first batch every time; when it comes exactly does not matter.
    const std::uint64_t before = shared.acknowledged;
    while (shared.acknowledged < before + kBatch && ::waitpid(child, nullptr, WNOHANG) == 0) ::sched_yield();
    const timespec moment{.tv_sec = 0, .tv_nsec = kill * 1'700'000L};
    ::nanosleep(&moment, nullptr);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child ended by itself: " << status;

    const auto store = SqliteUsageStore::open(scratch.file("usage.db"), clock);
    ASSERT_TRUE(store.has_value()) << store.error().to_string();
    const std::uint64_t through = (*store)->ingest({.ring_id = 7, .names = {}, .records = {}})->stored_through;
    EXPECT_GE(through, shared.acknowledged);
    EXPECT_LE(through, shared.acknowledged + kBatch);
    const WallTime now = clock.wall_now();
    EXPECT_EQ((*store)->system_stats(now)->counts.requests, through);
    const auto series = (*store)->time_series({.from = now - Seconds(86'400), .to = now, .step = Seconds(86'400)});
    std::uint64_t in_rollups = 0;
    for (const auto& point : series->series.front().points) in_rollups += point.counts.requests;
    EXPECT_EQ(in_rollups, through);
    std::uint64_t of_endpoints = 0;
    const auto top = (*store)->top({.from = now - Seconds(3 * 86'400),
                                    .to = now + Seconds(60),
                                    .by = ports::TopQuery::By::endpoint,
                                    .count = 1000});
    for (const auto& endpoint : top->entries) of_endpoints += endpoint.counts.requests;
    EXPECT_EQ(of_endpoints, through);
  }
  EXPECT_GT(shared.acknowledged, 15 * kBatch - 1);
  ::munmap(memory, sizeof(Shared));
}

}  // namespace
}  // namespace tollgate::stores
