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
#include "tests/support/soak.h"

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
    ports::RecordBatch batch = make_batch(shared.acknowledged, std::move(records));
    if (random() % 3 == 0) batch = counted(std::move(batch));
    const auto ack = (*store)->ingest(batch);
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
  const auto kills = testing::soak_count<std::uint64_t>(20, 100);
  for (std::uint64_t kill = 0; kill < kills; ++kill) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ingest_until_killed(scratch.file("usage.db"), shared);
    // The kill must not come before the first batch every time; when it comes exactly does not matter.
    const std::uint64_t before = shared.acknowledged;
    while (shared.acknowledged < before + kBatch && ::waitpid(child, nullptr, WNOHANG) == 0) ::sched_yield();
    const timespec moment{.tv_sec = 0, .tv_nsec = static_cast<long>(kill % 20 * 1'700'000)};
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
  EXPECT_GE(shared.acknowledged, kills * kBatch);
  ::munmap(memory, sizeof(Shared));
}

// The answer to the last batch never comes; the batch comes again, to another process.
TEST(UsageStoreKill, SigkillBetweenCommitAndReplyDoublesNothing) {
  const ScratchDirectory scratch;
  const SystemClock clock;
  std::mt19937_64 random(3);
  std::uint64_t sent = 0;
  const auto kills = testing::soak_count<std::uint64_t>(20, 100);
  for (std::uint64_t kill = 0; kill < kills; ++kill) {
    std::vector<core::DecisionRecord> records;
    for (std::uint64_t i = 0; i < kBatch; ++i) {
      records.push_back(random_record(random, clock.wall_now() - Seconds(60), Seconds(60)));
    }
    ports::RecordBatch batch = make_batch(sent, std::move(records));
    if (kill % 2 == 1) batch = counted(std::move(batch));
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = SqliteUsageStore::open(scratch.file("usage.db"), clock);
      if (store && (*store)->ingest(batch)) ::kill(::getpid(), SIGKILL);
      ::_exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it did not come to the kill: " << status;
    const auto store = SqliteUsageStore::open(scratch.file("usage.db"), clock);
    ASSERT_TRUE(store.has_value()) << store.error().to_string();
    const auto again = (*store)->ingest(batch);
    ASSERT_TRUE(again.has_value()) << again.error().to_string();
    EXPECT_EQ(again->known, kBatch);
    EXPECT_EQ(again->added, 0u);
    sent += kBatch;
    EXPECT_EQ(again->stored_through, sent);
    EXPECT_EQ((*store)->system_stats(clock.wall_now())->counts.requests, sent);
  }
}

}  // namespace
}  // namespace tollgate::stores
