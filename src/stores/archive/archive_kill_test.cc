// SIGKILL before every system call that changes a file, and in the middle of every write: what append() had returned
// for is there, once, and what was refused can be sent again.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "stores/archive/archive_fixture_test.h"
#include "tests/support/forwarding_io.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kBatch = 20;
constexpr std::uint64_t kBatches = 14;  // some files full, some sealed, one open

struct Shared {
  std::atomic<std::uint64_t> acknowledged;
};

// The kernel, until a call's turn has come.
class KillingIo final : public testing::ForwardingIo {
 public:
  KillingIo(std::uint64_t calls, bool in_the_middle) : left_(calls), in_the_middle_(in_the_middle) {}
  int open(const std::string& path, int flags) override {
    if ((flags & (O_WRONLY | O_RDWR)) != 0) count();
    return system_io().open(path, flags);
  }
  ssize_t write(int fd, std::string_view bytes) override {
    if (left_ == 0 && in_the_middle_) system_io().write(fd, bytes.substr(0, bytes.size() / 2));
    count();
    return system_io().write(fd, bytes);
  }
  int fdatasync(int fd) override {
    count();
    return system_io().fdatasync(fd);
  }
  int ftruncate(int fd, std::uint64_t size) override {
    count();
    return system_io().ftruncate(fd, size);
  }
  int unlink(const std::string& path) override {
    count();
    return system_io().unlink(path);
  }
  int rename(const std::string& from, const std::string& to) override {
    count();
    return system_io().rename(from, to);
  }

 private:
  void count() {
    if (left_-- == 0) ::kill(::getpid(), SIGKILL);
  }
  std::uint64_t left_;
  bool in_the_middle_;
};

// From where the log says it stands, as a shipper that asks again at its start.
void append_all(RequestArchive& archive, Shared& shared) {
  for (std::uint64_t batch = 0; batch < kBatches; ++batch) {
    TG_ASSERT(archive.append(numbered_batch(1, batch * kBatch, kBatch)).has_value());
    if (shared.acknowledged < (batch + 1) * kBatch) shared.acknowledged = (batch + 1) * kBatch;
    TG_ASSERT(archive.maintain(WallTime(Seconds(1'790'000'000))).has_value());
  }
}

[[noreturn]] void run_until_killed(ArchiveOptions options, Shared& shared) {
  const ManualClock clock;
  auto archive = RequestArchive::open(std::move(options), clock);
  TG_ASSERT(archive.has_value());
  append_all(**archive, shared);
  ::_exit(0);
}

// False: the child came to its end.
bool kill_at(std::uint64_t call, bool in_the_middle, ArchiveFixture& f, Shared& shared) {
  const pid_t child = ::fork();
  TG_ASSERT(child >= 0);
  if (child == 0) {
    KillingIo io(call, in_the_middle);
    f.options.io = &io;
    run_until_killed(f.options, shared);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  const bool finished = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  EXPECT_TRUE(finished || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) << "call " << call << ": " << status;
  return !finished;
}

void expect_acknowledged_and_at_most_one_batch_more(ArchiveFixture& f, const Shared& shared) {
  const std::uint64_t records = f.archive->stats().records;
  EXPECT_GE(records, shared.acknowledged);
  EXPECT_LE(records, shared.acknowledged + kBatch);
  EXPECT_EQ(records % kBatch, 0u) << "half a batch";
  f.wanted.clear();
  for (std::uint64_t i = 0; i < records; ++i) f.wanted.push_back(numbered(1, i));
  f.expect_all();
}

class ArchiveKill : public ::testing::TestWithParam<bool> {};

TEST_P(ArchiveKill, SigkillBetweenAnyTwoStepsLosesAndDoublesNothing) {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  Shared& shared = *static_cast<Shared*>(memory);
  std::uint64_t call = 0;
  for (bool killed = true; killed && !HasFailure(); ++call) {
    SCOPED_TRACE(::testing::Message() << "call " << call);
    shared.acknowledged = 0;
    ArchiveFixture f;
    f.options.records_max = 60;
    killed = kill_at(call, GetParam(), f, shared);
    EXPECT_TRUE(killed || shared.acknowledged == kBatches * kBatch);
    f.open();
    expect_acknowledged_and_at_most_one_batch_more(f, shared);
    // Everything comes again, and is killed again somewhere.
    f.crash();
    kill_at(call / 2, GetParam(), f, shared);
    f.open();
    expect_acknowledged_and_at_most_one_batch_more(f, shared);
    append_all(*f.archive, shared);
    f.seal_all();
    expect_acknowledged_and_at_most_one_batch_more(f, shared);
    EXPECT_EQ(f.files(".draft").size() + f.files(".tgo").size(), 0u);
  }
  EXPECT_GT(call, 60u);
  ::munmap(memory, sizeof(Shared));
}

// Before a call, and in the middle of it where it is a write.
INSTANTIATE_TEST_SUITE_P(RequestArchive, ArchiveKill, ::testing::Bool());

}  // namespace
}  // namespace tollgate::stores
