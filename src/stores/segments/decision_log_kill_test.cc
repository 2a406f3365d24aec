// SIGKILL under load, again and again: what append() had returned for arrives, once, as a record or as a count.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <thread>

#include "stores/segments/log_fixture_test.h"
#include "tests/support/forwarding_io.h"
#include "tests/support/soak.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kWorkers = 2;
constexpr std::uint64_t kRecordsMax = 1u << 22;
constexpr std::uint64_t kCounted = ~std::uint64_t{0};

// What outlives a killed child: how far each worker got, and an analytics that commits by one store.
struct Shared {
  std::atomic<std::uint64_t> next_number[kWorkers];
  std::atomic<std::uint64_t> appended[kWorkers];
  std::atomic<std::uint64_t> ring_id[kWorkers];
  std::atomic<std::uint64_t> through[kWorkers];
  std::uint64_t number_at[kWorkers][kRecordsMax];  // by sequence; 0: none; kCounted: one of a count
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
    if (batch.aggregate) return take_counts(slot, *batch.aggregate);
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
  Result<ports::IngestAck> take_counts(std::size_t slot, const core::Aggregate& counts) {
    const std::uint64_t through = shared_.through[slot];
    if (counts.end <= through) return ports::IngestAck{.stored_through = through};
    TG_ASSERT(counts.first == through && counts.lost() == 0 && counts.end <= kRecordsMax);
    for (std::uint64_t at = counts.first; at < counts.end; ++at) shared_.number_at[slot][at] = kCounted;
    shared_.through[slot] = counts.end;
    return ports::IngestAck{.stored_through = counts.end, .added = counts.requests};
  }
  Shared& shared_;
};

// Has no room but what was allocated while it had.
class FullDisk final : public testing::ForwardingIo {
 public:
  ssize_t write(int, std::string_view) override {
    errno = ENOSPC;
    return -1;
  }
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

void expect_all_arrive_through_kills(DecisionLogOptions options, bool as_counts) {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  Shared& shared = *static_cast<Shared*>(memory);
  const testing::TempDir dir;
  options.directory = dir.path();
  options.workers = kWorkers;
  options.shipper.interval = Millis(5);
  std::mt19937_64 random(20'260'921);
  const auto kills = testing::soak_count<std::uint64_t>(20, 100);
  for (std::uint64_t kill = 0; kill < kills; ++kill) {
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
  for (MonoTime now{Seconds(1)}; now < MonoTime(Seconds(20)); now += Seconds(1)) {
    (*log)->write_step(now, LogWriter::Commit::now);
    while ((*log)->ship_step() == Millis(0)) {
    }
  }
  const ports::LogCounters counters = (*log)->counters();
  EXPECT_EQ(counters.unaccounted(), 0u);
  std::set<std::uint64_t> numbers;
  std::uint64_t counted = 0;
  for (std::size_t slot = 0; slot < kWorkers; ++slot) {
    for (std::uint64_t sequence = 0; sequence < shared.through[slot]; ++sequence) {
      const std::uint64_t number = shared.number_at[slot][sequence];
      counted += number == kCounted ? 1 : 0;
      EXPECT_TRUE(number == kCounted || numbers.insert(number).second) << "twice or missing at " << sequence;
    }
  }
  const std::uint64_t appended = shared.appended[0] + shared.appended[1];
  EXPECT_GT(appended, 1000u);
  EXPECT_EQ(counters.spooled, (*log)->health().in_rings) << "what has left its ring arrives";
  EXPECT_EQ(as_counts ? 0 : counters.spooled + counters.dropped, 0u);
  // A kill can come between append() and our own count of it, once per worker and kill.
  const std::uint64_t accounted = numbers.size() + counted + counters.spooled + counters.dropped;
  EXPECT_GE(accounted, appended);
  EXPECT_LE(accounted, appended + kills * kWorkers);
  EXPECT_FALSE(numbers.contains(0));
  EXPECT_EQ(counted > 0, as_counts);
  ::munmap(memory, sizeof(Shared));
}

TEST(DecisionLogKill, SigkillUnderLoadLosesAndDoublesNothing) {
  expect_all_arrive_through_kills({}, false);
}

TEST(DecisionLogKill, SigkillOnAFullDiskLosesAndDoublesNoCount) {
  FullDisk disk;
  expect_all_arrive_through_kills({.ring_capacity = 2048, .io = &disk}, true);
}

}  // namespace
}  // namespace tollgate::stores
