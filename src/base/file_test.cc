#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/assert.h"
#include "base/str.h"

namespace tollgate {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "tollgate-file-XXXXXX").string();
    TG_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string path(std::string_view name) const { return str::cat(directory_, "/", name); }
  static unsigned mode_of(const std::string& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 0777u;
  }

  std::string directory_;
};

TEST_F(FileTest, ErrorsNameTheReasonWhateverHappenedSince) {
  EXPECT_THAT(read_file(path("nothing")).error().detail(), testing::HasSubstr("No such file or directory"));
  EXPECT_THAT(write_file_atomic(path("no/where"), "", 0600).error().detail(),
              testing::HasSubstr("No such file or directory"));
  errno = ENOSPC;
  UniqueFd(1'000'000).reset();  // which fails
  EXPECT_EQ(errno, ENOSPC);
}

TEST_F(FileTest, WhatWasWrittenIsReadBack) {
  const std::string bytes("a\0\n\xff", 4);
  ASSERT_TRUE(write_file_atomic(path("f"), bytes, 0600));
  EXPECT_EQ(read_file(path("f")).value(), bytes);
  ASSERT_TRUE(write_file_atomic(path("f"), "", 0600));
  EXPECT_EQ(read_file(path("f")).value(), "");
}

TEST_F(FileTest, TheModeIsExactWhateverTheUmask) {
  const mode_t before = ::umask(0077);
  ASSERT_TRUE(write_file_atomic(path("open"), "x", 0644));
  ::umask(0);
  ASSERT_TRUE(write_file_atomic(path("closed"), "x", 0600));
  ::umask(before);
  EXPECT_EQ(mode_of(path("open")), 0644u);
  EXPECT_EQ(mode_of(path("closed")), 0600u);
}

TEST_F(FileTest, AFailedWriteLeavesTheOldContent) {
  ASSERT_TRUE(write_file_atomic(path("f"), "old", 0600));
  std::filesystem::create_directory(path("f.new"));
  std::filesystem::create_directory(path("f.new/x"));  // in the way of the file beside
  EXPECT_FALSE(write_file_atomic(path("f"), "new", 0600));
  EXPECT_EQ(read_file(path("f")).value(), "old");
}

TEST_F(FileTest, NothingIsLeftBesideAWrittenFile) {
  ASSERT_TRUE(write_file_atomic(path("f"), "x", 0600));
  EXPECT_FALSE(std::filesystem::exists(path("f.new")));
}

TEST_F(FileTest, ReadingIsBoundedAndErrorsNameThePath) {
  ASSERT_TRUE(write_file_atomic(path("f"), std::string(100, 'x'), 0600));
  EXPECT_TRUE(read_file(path("f"), 100));
  EXPECT_FALSE(read_file(path("f"), 99));
  const auto missing = read_file(path("missing"));
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().is(codes::io_failed));
  EXPECT_NE(missing.error().detail().find(path("missing")), std::string::npos);
}

TEST_F(FileTest, DirectoriesAreMadePrivateWithTheirParents) {
  ASSERT_TRUE(ensure_directory(path("a/b/c")));
  EXPECT_EQ(mode_of(path("a/b/c")), 0700u);
  EXPECT_TRUE(ensure_directory(path("a/b/c")));
}

TEST_F(FileTest, ADirectoryThatCannotBeMadeIsReported) {
  ASSERT_TRUE(write_file_atomic(path("f"), "x", 0600));
  for (const std::string& bad : {path("f/sub"), std::string("/proc/self/tollgate")}) {
    const auto made = ensure_directory(bad);
    ASSERT_FALSE(made) << bad;
    EXPECT_TRUE(made.error().is(codes::data_dir_unusable));
    EXPECT_NE(made.error().detail().find(bad), std::string::npos);
  }
}

TEST_F(FileTest, ADirectoryIsLockedOnceAndTheHolderIsNamed) {
  {
    const auto lock = DirectoryLock::acquire(directory_, "data");
    ASSERT_TRUE(lock);
    const auto second = DirectoryLock::acquire(directory_, "data");
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(codes::data_dir_in_use));
    EXPECT_NE(second.error().detail().find(str::cat("process ", ::getpid(), ";")), std::string::npos)
        << second.error().to_string();
    EXPECT_TRUE(DirectoryLock::acquire(directory_, "other"));
  }
  EXPECT_TRUE(DirectoryLock::acquire(directory_, "data"));
}

TEST_F(FileTest, ADescriptorClosesItselfOnce) {
  int raw = -1;
  {
    UniqueFd fd(::open(directory_.c_str(), O_RDONLY));
    raw = fd.get();
    UniqueFd moved(std::move(fd));
    EXPECT_EQ(moved.get(), raw);
    EXPECT_NE(::fcntl(raw, F_GETFD), -1);
  }
  EXPECT_EQ(::fcntl(raw, F_GETFD), -1);
}

}  // namespace
}  // namespace tollgate
