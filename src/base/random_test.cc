#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <map>
#include <set>

namespace tollgate {
namespace {

TEST(Random, FillsEveryByteAndNeverTheSameTwice) {
  std::set<std::array<std::byte, 16>> seen;
  for (int i = 0; i < 1'000; ++i) {
    std::array<std::byte, 16> bytes{};
    fill_random(bytes);
    seen.insert(bytes);
  }
  EXPECT_EQ(seen.size(), 1'000u);
  std::uint64_t zeros = ~std::uint64_t{0}, ones = 0;
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t value = random_u64();
    zeros &= value;
    ones |= value;
  }
  EXPECT_EQ(zeros, 0u);
  EXPECT_EQ(ones, ~std::uint64_t{0});
}

TEST(RandomBase62, HasTheLengthAndTheAlphabetAskedFor) {
  for (const std::size_t length : {0u, 1u, 43u, 64u, 65u, 1'000u}) {
    const std::string text = random_base62(length);
    EXPECT_EQ(text.size(), length);
    for (const char c : text) EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)));
  }
}

// 620,000 draws, 10,000 expected of each: six standard deviations are ±596; a draw by `byte % 62` is off by 2,000.
TEST(RandomBase62, EachCharacterIsEquallyLikely) {
  std::map<char, int> counts;
  for (const char c : random_base62(620'000)) ++counts[c];
  ASSERT_EQ(counts.size(), 62u);
  for (const auto& [c, count] : counts) EXPECT_NEAR(count, 10'000, 600) << c;
}

}  // namespace
}  // namespace tollgate
