// SIGKILL under load, again and again: what append() had returned for arrives, once.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "stores/segments/log_fixture_test.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kWorkers = 2;
constexpr std::uint64_t kRecordsMax = 1u << 22;

// What outlives a killed child: how far each worker got, and an analytics that commits by one store.
struct Shared {
  std::atomic<std::uint64_t> next_number[kWorkers];
  std::atomic<std::uint64_t> appended[kWorkers];
  std::atomic<std::uint64_t> ring_id[kWorkers];
  std::atomic<std::uint64_t> through[kWorkers];
  std::uint64_t number_at[kWorkers][kRecordsMax];  // by sequence; 0: none
};

class SharedIngest final : public ports::UsageIngest {
 public:
  explicit SharedIngest(Shared& shared) : shared_(shared) {}
  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch) override {
    std::size_t slot = 0;
    while (shared_.ring_id[slot] != 0 && shared_.ring_id[slot] != batch.ring_id) ++slot;
    TG_ASSERT(slot < kWorkers);
    shared_.ring_id[slot] = batch.ring_id;
    const std::uint64_t through = shared_.through[slot];
    if (batch.records.empty()) return ports::IngestAck{.stored_through = through};
    TG_ASSERT(batch.records.front().sequence <= through && batch.lost_before == 0);
    for (const core::DecisionRecord& record : batch.records) {
      TG_ASSERT(is_numbered(record) && record.sequence < kRecordsMax);
      if (record.sequence >= through) shared_.number_at[slot][record.sequence] = record.request_id;
    }
    const std::uint64_t end = batch.records.back().sequence + 1;
    if (end > through) shared_.through[slot] = end;
    return ports::IngestAck{.stored_through = std::max(through, end)};
  }

 private:
  Shared& shared_;
};

[[noreturn]] void run_until_killed(const DecisionLogOptions& options, Shared& shared) {
  SharedIngest ingest(shared);
  auto log = SegmentDecisionLog::open(options, ingest);
  TG_ASSERT(log.has_value());
  (*log)->start();
  const auto work = [&](std::size_t worker) {
    while (true) {
      core::DecisionRecord record = numbered_record(shared.next_number[worker].fetch_add(1) * kWorkers + worker + 1);
      (*log)->sink(worker).append(record);
      shared.appended[worker].fetch_add(1);
      // About 50,000 a second, so that rings do not fill.
      const timespec pause{.tv_sec = 0, .tv_nsec = 20'000};
      ::nanosleep(&pause, nullptr);
    }
  };
  std::thread other(work, 1);
  work(0);
  ::_exit(1);
}

TEST(DecisionLogKill, SigkillUnderLoadLosesAndDoublesNothing) {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  Shared& shared = *static_cast<Shared*>(memory);
  const testing::TempDir dir;
  DecisionLogOptions options{.directory = dir.path(), .workers = kWorkers};
  options.shipper.interval = Millis(5);
  std::mt19937_64 random(20'260'921);
  for (int kill = 0; kill < 12; ++kill) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) run_until_killed(options, shared);
    // Not a wait for something to happen: the moment of the kill is the point, and any will do.
    const timespec moment{.tv_sec = 0, .tv_nsec = static_cast<long>(1'000'000 + random() % 120'000'000)};
    ::nanosleep(&moment, nullptr);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child ended by itself: " << status;
  }

  SharedIngest ingest(shared);
  auto log = SegmentDecisionLog::open(options, ingest);
  ASSERT_TRUE(log.has_value()) << log.error().to_string();
  (*log)->start();
  (*log)->stop();
  const ports::LogCounters counters = (*log)->counters();
  EXPECT_EQ(counters.unaccounted(), 0u);
  EXPECT_EQ(counters.spooled, 0u);
  std::set<std::uint64_t> numbers;
  for (std::size_t slot = 0; slot < kWorkers; ++slot) {
    for (std::uint64_t sequence = 0; sequence < shared.through[slot]; ++sequence) {
      EXPECT_TRUE(numbers.insert(shared.number_at[slot][sequence]).second) << "twice or missing at " << sequence;
    }
  }
  const std::uint64_t appended = shared.appended[0] + shared.appended[1];
  EXPECT_GT(appended, 1000u);
  EXPECT_EQ(counters.dropped, 0u);
  // A kill can come between append() and our own count of it, once per worker and kill.
  EXPECT_GE(numbers.size(), appended);
  EXPECT_LE(numbers.size(), appended + 12 * kWorkers);
  EXPECT_FALSE(numbers.contains(0));
  ::munmap(memory, sizeof(Shared));
}

}  // namespace
}  // namespace tollgate::stores
