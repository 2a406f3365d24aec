#include "stores/memory/drain_map.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/file.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {
namespace {

Hash128 key(std::uint64_t n) {
  return hash_tuple({std::to_string(n)}, 9);
}

TEST(DrainMap, RemembersAcrossReopeningWithoutAnyFlush) {
  const testing::TempDir directory;
  const std::string path = directory.file("drains");
  {
    DrainMap map = std::move(*DrainMap::create(path, 1024));
    ASSERT_TRUE(map.set_header({.pair = 77, .stamp = {{}, {123}}, .empty_at = {55}, .clean = true}).has_value());
    map.raise(key(1), 500);
    map.raise(key(1), 400);
  }
  const DrainMap again = std::move(*DrainMap::open(path));
  EXPECT_EQ(again.full_again(key(1)), 500u);
  EXPECT_EQ(again.full_again(key(2)), 0u);
  EXPECT_EQ(again.header().pair, 77u);
  EXPECT_EQ(again.header().stamp.limiter, core::LimiterTime{123});
  EXPECT_EQ(again.header().empty_at, core::LimiterTime{55});
  EXPECT_TRUE(again.header().clean);
}

TEST(DrainMap, NeverAnswersTooEarlyAndSeldomTooLate) {
  const testing::TempDir directory;
  DrainMap map = std::move(*DrainMap::create(directory.file("drains"), 1u << 16));
  for (std::uint64_t n = 0; n < 4096; ++n) map.raise(key(n), static_cast<std::uint32_t>(n + 1));
  for (std::uint64_t n = 0; n < 4096; ++n) ASSERT_GE(map.full_again(key(n)), n + 1);
  int wrong = 0;
  for (std::uint64_t n = 10'000; n < 20'000; ++n) wrong += map.full_again(key(n)) != 0 ? 1 : 0;
  EXPECT_LT(wrong, 250) << "two cells of 65,536, 8,192 of them set: 1.4 % expected";
}

TEST(DrainMap, FileIsForItsOwnerOnlyAndItsSpaceReserved) {
  const testing::TempDir directory;
  const std::string path = directory.file("drains");
  ASSERT_TRUE(DrainMap::create(path, 1u << 16).has_value());
  struct stat file{};
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  EXPECT_GE(file.st_blocks * 512, (1 << 16) * 4);
}

TEST(DrainMap, DamagedHeaderOrLengthIsRefused) {
  const testing::TempDir directory;
  const std::string path = directory.file("drains");
  ASSERT_TRUE(DrainMap::create(path, 1024).has_value());
  const std::string good = *read_file(path);
  const auto refused = [&](const std::string& content) {
    EXPECT_TRUE(write_file_atomic(path, content, 0600).has_value());
    const auto opened = DrainMap::open(path);
    return !opened && opened.error().is(codes::store_corrupt);
  };
  for (std::size_t at = 0; at < 104; ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    EXPECT_TRUE(refused(bad)) << "byte " << at;
  }
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused(good.substr(0, 50)));
  EXPECT_TRUE(refused(good.substr(0, good.size() - 1)));
  EXPECT_TRUE(refused(good + "x"));
  EXPECT_FALSE(refused(good));
}

}  // namespace
}  // namespace tollgate::stores
