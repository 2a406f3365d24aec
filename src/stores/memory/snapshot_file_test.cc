#include "stores/memory/snapshot_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {
namespace {

StoredBucket bucket(std::uint64_t n) {
  return {{n, n * 3}, n * 7 + 1, static_cast<std::uint32_t>(n)};
}

void write(const std::string& path, std::uint64_t count) {
  SnapshotHeader header{.pair = 5, .stamp = {{}, {99}}};
  header.stamp.host.boot.fill('x');
  SnapshotWriter writer = std::move(*SnapshotWriter::create(path, header));
  for (std::uint64_t n = 0; n < count; ++n) {
    ASSERT_TRUE(writer.add(bucket(n), n % 5 == 0 ? StoredKind::overflow : StoredKind::bucket).has_value());
  }
  ASSERT_TRUE(writer.finish().has_value());
}

TEST(SnapshotFile, ReadsBackWhatWasWritten) {
  const testing::TempDir directory;
  const std::string path = directory.file("snapshot");
  for (const std::uint64_t count : {0u, 1u, 50'000u}) {
    write(path, count);
    const SnapshotFile file = std::move(*SnapshotFile::open(path));
    EXPECT_EQ(file.header().pair, 5u);
    EXPECT_EQ(file.header().stamp.limiter, core::LimiterTime{99});
    EXPECT_EQ(file.header().stamp.host.boot[35], 'x');
    ASSERT_EQ(file.size(), count);
    for (std::uint64_t n = 0; n < count; ++n) {
      ASSERT_EQ(file.bucket(n).key, bucket(n).key);
      ASSERT_EQ(file.bucket(n).tat, bucket(n).tat);
      ASSERT_EQ(file.bucket(n).keep_until, bucket(n).keep_until);
      ASSERT_EQ(file.kind(n), n % 5 == 0 ? StoredKind::overflow : StoredKind::bucket);
    }
  }
}

TEST(SnapshotFile, UnfinishedOneLeavesTheOldOneInPlace) {
  const testing::TempDir directory;
  const std::string path = directory.file("snapshot");
  write(path, 3);
  {
    SnapshotWriter writer = std::move(*SnapshotWriter::create(path, {}));
    ASSERT_TRUE(writer.add(bucket(1), StoredKind::bucket).has_value());
  }
  EXPECT_EQ(SnapshotFile::open(path)->size(), 3u);
}

TEST(SnapshotFile, AnErrorNamesTheReason) {
  const testing::TempDir directory;
  EXPECT_THAT(SnapshotWriter::create(directory.file("no/where"), {}).error().detail(),
              ::testing::HasSubstr("No such file or directory"));
}

TEST(SnapshotFile, IsForItsOwnerOnly) {
  const testing::TempDir directory;
  write(directory.file("snapshot"), 1);
  struct stat file{};
  ASSERT_EQ(::stat(directory.file("snapshot").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST(SnapshotFile, EveryFlippedByteAndEveryCutIsNoticed) {
  const testing::TempDir directory;
  const std::string path = directory.file("snapshot");
  write(path, 3);
  const std::string good = *read_file(path);
  const auto refused = [&](const std::string& content) {
    EXPECT_TRUE(write_file_atomic(path, content, 0600).has_value());
    const auto opened = SnapshotFile::open(path);
    return !opened && opened.error().is(codes::store_corrupt);
  };
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x01);
    EXPECT_TRUE(refused(bad)) << "byte " << at;
    EXPECT_TRUE(refused(good.substr(0, at))) << "cut at " << at;
  }
  EXPECT_FALSE(refused(good));
}

}  // namespace
}  // namespace tollgate::stores
