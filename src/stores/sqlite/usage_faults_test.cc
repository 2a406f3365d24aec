// A full disk under usage.db, and another process that keeps it locked: batches are refused whole, and taken once
// afterwards. A question that takes its time: none is refused, and the question sees one state of the file.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <random>

#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/transaction.h"
#include "stores/sqlite/usage_records_test.h"
#include "stores/sqlite/usage_store.h"
#include "stores/sqlite/usage_writer.h"
#include "tests/support/small_disk.h"
#include "tests/support/soak.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {
namespace {

using testing::soak_count;

// A gateway's side of it: sends on from where analytics says it stands, with whatever it likes.
class Sender {
 public:
  explicit Sender(const Clock& clock) : clock_(clock) {}

  // False: refused.
  bool send(SqliteUsageStore& store, std::size_t records_max) {
    if (!pending_) {
      std::vector<core::DecisionRecord> records;
      for (std::uint64_t n = 1 + random_() % records_max; n > 0; --n) {
        records.push_back(random_record(random_, clock_.wall_now() - Seconds(3600), Seconds(3600)));
      }
      pending_ = make_batch(through_, std::move(records));
      end_ = pending_->records.back().sequence + 1;
      if (random_() % 4 == 0) pending_ = counted(*std::move(pending_));
    }
    const auto ack = store.ingest(*pending_);
    if (!ack) {
      EXPECT_TRUE(ack.error().is(codes::store_unavailable) || ack.error().is(codes::io_failed))
          << ack.error().to_string();
      return false;
    }
    EXPECT_EQ(ack->stored_through, end_);
    through_ = end_;
    pending_.reset();
    return true;
  }
  std::uint64_t through() const { return through_; }
  // What is stored is what was acknowledged, but for a batch whose commit failed and happened all the same.
  void expect_conserved(SqliteUsageStore& store) const {
    const std::uint64_t stored = store.ingest({.ring_id = 7, .names = {}, .records = {}})->stored_through;
    EXPECT_TRUE(stored == through_ || stored == end_) << stored;
    EXPECT_EQ(store.system_stats(clock_.wall_now())->counts.requests, stored);
    const WallTime now = clock_.wall_now();
    const auto series =
        store.time_series({.from = now - Seconds(86'400), .to = now + Seconds(60), .step = Seconds(86'400)});
    std::uint64_t in_rollups = 0;
    for (const auto& point : series->series.front().points) in_rollups += point.counts.requests;
    EXPECT_EQ(in_rollups, stored);
  }

 private:
  const Clock& clock_;
  std::mt19937_64 random_{99};
  std::uint64_t through_ = 0;
  std::uint64_t end_ = 0;
  std::optional<ports::RecordBatch> pending_;
};

TEST(UsageFaults, AFullDiskRefusesBatchesWholeAndTakesThemOnceThereIsSpace) {
  const testing::TempDir dir;
  testing::on_small_disk(dir.path(), 16, [&] {
    const ManualClock clock;
    auto store = SqliteUsageStore::open(dir.file("usage.db"), clock);
    ASSERT_TRUE(store) << store.error().to_string();
    Sender sender(clock);
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(sender.send(**store, 500));
      {
        const testing::Filler filler(dir.file("filler"));
        int refused = 0;
        for (int i = 0; i < 200 && refused < 3; ++i) refused += sender.send(**store, 4096) ? 0 : 1;
        EXPECT_EQ(refused, 3);
        [[maybe_unused]] const auto maintained = (*store)->maintain(clock.wall_now() + Seconds(120));
        sender.expect_conserved(**store);
      }
      EXPECT_TRUE(sender.send(**store, 4096));
      sender.expect_conserved(**store);
      while (*(*store)->maintain(clock.wall_now() + Seconds(7200))) {
      }
      sender.expect_conserved(**store);
      store->reset();
      store = SqliteUsageStore::open(dir.file("usage.db"), clock);
      ASSERT_TRUE(store) << store.error().to_string();
      sender.expect_conserved(**store);
    }
  });
}

// Has the file locked from when it is made until it is destroyed.
class LockingProcess {
 public:
  explicit LockingProcess(const std::string& path) {
    std::array<int, 2> told{};
    TG_ASSERT(::pipe(told.data()) == 0);
    child_ = ::fork();
    TG_ASSERT(child_ >= 0);
    if (child_ == 0) {
      auto database = Database::open(path, {.migrations = usage_migrations()});
      auto transaction = Transaction::begin(*database);
      TG_ASSERT(transaction.has_value() && ::write(told[1], "x", 1) == 1);
      while (true) ::pause();
    }
    ::close(told[1]);
    char x = 0;
    TG_ASSERT(::read(told[0], &x, 1) == 1);
    ::close(told[0]);
  }
  ~LockingProcess() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  LockingProcess(const LockingProcess&) = delete;
  LockingProcess& operator=(const LockingProcess&) = delete;

 private:
  pid_t child_ = -1;
};

// 60 seconds of it in ./dev soak.
TEST(UsageFaults, AnotherProcessThatKeepsTheFileLockedRefusesBatchesWholeUntilItLetsGo) {
  const ScratchDirectory scratch;
  const SystemClock clock;
  Sender sender(clock);
  auto store = SqliteUsageStore::open(scratch.file("usage.db"), clock, {.busy_timeout = Millis(20)});
  ASSERT_TRUE(store) << store.error().to_string();
  EXPECT_TRUE(sender.send(**store, 500));
  {
    const LockingProcess other(scratch.file("usage.db"));
    const MonoTime end = clock.mono_now() + soak_count(Millis(200), Millis(60'000));
    int refused = 0;
    while (clock.mono_now() < end || refused < 3) {
      const MonoTime before = clock.mono_now();
      ASSERT_FALSE(sender.send(**store, 500));
      ++refused;
      EXPECT_GE(clock.mono_now() - before, Millis(20)) << "it waits, and does not turn without a pause";
      ASSERT_TRUE((*store)->system_stats(clock.wall_now())) << "questions are answered meanwhile";
    }
    sender.expect_conserved(**store);
  }
  EXPECT_TRUE(sender.send(**store, 500));
  EXPECT_TRUE(sender.send(**store, 500));
  sender.expect_conserved(**store);
}

TEST(UsageFaults, AQuestionThatTakesItsTimeDelaysNoBatchAndSeesOneStateOfTheFile) {
  const ScratchDirectory scratch;
  ManualClock clock;
  Sender sender(clock);
  auto store = SqliteUsageStore::open(scratch.file("usage.db"), clock, {.busy_timeout = Millis(0)});
  ASSERT_TRUE(store) << store.error().to_string();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(sender.send(**store, 500));
  auto slow = Database::open(scratch.file("usage.db"), {.reader = true});
  ASSERT_TRUE(slow) << slow.error().to_string();
  const std::string rows = "SELECT sum(rows) FROM chunk";
  {
    auto question = Transaction::begin_read(*slow);
    ASSERT_TRUE(question.has_value());
    const std::int64_t seen = *slow->query_int(rows);
    for (int i = 0; i < soak_count(50, 1000); ++i) {
      ASSERT_TRUE(sender.send(**store, 500)) << "batch " << i << ": nobody waits for a reader";
      clock.advance(Seconds(60));
      ASSERT_TRUE((*store)->maintain(clock.wall_now()).has_value());
    }
    EXPECT_EQ(*slow->query_int(rows), seen);
  }
  sender.expect_conserved(**store);
}

}  // namespace
}  // namespace tollgate::stores
