// A disk that is really full: a tmpfs of a few megabytes, in a child's own mount namespace.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stores/archive/archive_fixture_test.h"
#include "tests/support/traffic.h"

namespace tollgate::stores {
namespace {

constexpr int kCannotMount = 77;

bool mount_small_disk(const std::string& at) {
  std::filesystem::create_directory(at);
  if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tollgate-test", at.c_str(), "tmpfs", 0, "size=2m") == 0;
}

// Several times what the disk holds: the newest stay.
int fill_small_disk() {
  ArchiveFixture f;
  if (!mount_small_disk(f.options.directory)) return kCannotMount;
  f.options.io = &system_io();
  f.options.records_max = 8'000;
  f.open();
  testing::Traffic traffic;
  std::uint64_t appended = 0;
  for (int i = 0; i < 150; ++i) {
    const auto batch = traffic.next_batch(2'000);
    const auto added = f.archive->append(batch);
    EXPECT_TRUE(added.has_value()) << added.error().to_string();
    appended += batch.records.size();
    f.wanted.clear();
    for (const core::DecisionRecord& record : batch.records) f.wanted.push_back({batch.ring_id, record});
    EXPECT_TRUE(f.maintain());
  }
  const auto stats = f.archive->stats();
  EXPECT_LT(stats.records, appended) << "the disk was never full";
  EXPECT_GT(stats.records, 20'000u);
  EXPECT_EQ(stats.damaged, 0u);
  const auto newest = f.wanted_in_order();
  const auto found = f.archive->find(newest.back().record.request_id);
  EXPECT_TRUE(found && !found->empty());
  f.reopen();
  EXPECT_EQ(f.archive->stats().records, stats.records);
  return ::testing::Test::HasFailure() ? 1 : 0;
}

TEST(RequestArchive, GoesOnWithTheNewestOnADiskThatIsFull) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(fill_small_disk());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  if (WEXITSTATUS(status) == kCannotMount) GTEST_SKIP() << "needs leave to mount a tmpfs: run as root";
  EXPECT_EQ(WEXITSTATUS(status), 0) << "the child's failures are above";
}

}  // namespace
}  // namespace tollgate::stores
