// A disk that is really full: a tmpfs of a few megabytes, in a child's own mount namespace.
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "stores/segments/log_fixture_test.h"

namespace tollgate::stores {
namespace {

constexpr int kCannotMount = 77;

bool mount_small_disk(const std::string& at) {
  std::filesystem::create_directory(at);
  if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tollgate-test", at.c_str(), "tmpfs", 0, "size=4m") == 0;
}

// Ten times what the disk holds, all of it shipped, with leave to keep it all.
int fill_small_disk() {
  LogFixture f;
  if (!mount_small_disk(f.options.directory)) return kCannotMount;
  f.options.io = nullptr;
  f.options.writer.segment_bytes_max = 256 << 10;
  f.open();
  while (f.appended < 300'000) {
    f.append_many(500);
    f.settle();
  }
  EXPECT_GT(f.log->health().write_failures, 10u);
  f.expect_nothing_lost();
  return ::testing::Test::HasFailure() ? 1 : 0;
}

TEST(DecisionLog, LosesNothingOnADiskThatIsFullOfShippedSegments) {
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
