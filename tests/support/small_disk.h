// A disk that is really full: a tmpfs of a few megabytes, in a child's own mount namespace.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>

#include "base/file.h"
#include "base/str.h"

namespace tollgate::testing {

// Mounts one at `at`, for this process and its children. False: that is not allowed here.
inline bool mount_small_disk(const std::string& at, unsigned megabytes) {
  std::filesystem::create_directories(at);
  if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
  const std::string size = str::cat("size=", megabytes, "m");
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tollgate-test", at.c_str(), "tmpfs", 0, size.c_str()) == 0;
}

// A file that takes all the space there is, until it is removed.
class Filler {
 public:
  explicit Filler(std::string path) : path_(std::move(path)) {
    const UniqueFd file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::string page(4096, 'x');
    while (::write(file.get(), page.data(), page.size()) > 0) {
    }
  }
  ~Filler() { ::unlink(path_.c_str()); }
  Filler(const Filler&) = delete;
  Filler& operator=(const Filler&) = delete;

 private:
  std::string path_;
};

// Runs `body` in a child whose directory `at` is a small disk; its failures are this test's.
inline void on_small_disk(const std::string& at, unsigned megabytes, const std::function<void()>& body) {
  constexpr int kCannotMount = 77;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (!mount_small_disk(at, megabytes)) ::_exit(kCannotMount);
    body();
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  if (WEXITSTATUS(status) == kCannotMount) GTEST_SKIP() << "needs leave to mount a tmpfs: run as root";
  EXPECT_EQ(WEXITSTATUS(status), 0) << "the child's failures are above";
}

}  // namespace tollgate::testing
