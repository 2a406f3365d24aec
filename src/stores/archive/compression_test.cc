#include "stores/archive/compression.h"

#include <gtest/gtest.h>

#include <random>

namespace tollgate::stores {
namespace {

std::string random_text(std::mt19937_64& random, std::size_t size, unsigned letters) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random() % letters);
  return text;
}

TEST(Compression, GivesBackWhatItWasGivenAndNeverGrows) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  Decompressor decompressor;
  for (const int level : {-1, 3}) {
    Compressor compressor(level);
    for (const std::size_t size : {0u, 1u, 2u, 10u, 1000u, 100'000u}) {
      for (const unsigned letters : {1u, 4u, 256u}) {
        const std::string raw = random_text(random, size, letters);
        std::string stored = "before";
        compressor.append(raw, stored);
        ASSERT_TRUE(stored.starts_with("before"));
        stored.erase(0, 6);
        EXPECT_LE(stored.size(), raw.size());
        const bool is_repetitive = size >= 1000 && letters == 1;
        EXPECT_TRUE(!is_repetitive || stored.size() < raw.size() / 2) << size << ' ' << letters;
        std::string again(size, 'x');
        ASSERT_TRUE(decompressor.read(stored, again));
        EXPECT_EQ(again, raw);
      }
    }
  }
}

TEST(Compression, RefusesWhatIsNotItsOwnOrNotOfThatSize) {
  Compressor compressor(3);
  Decompressor decompressor;
  std::string stored;
  compressor.append(std::string(1000, 'a'), stored);
  std::string into(999, '\0');
  EXPECT_FALSE(decompressor.read(stored, into));
  into.resize(1001);
  EXPECT_FALSE(decompressor.read(stored, into));
  into.resize(1000);
  EXPECT_FALSE(decompressor.read(std::string_view(stored).substr(1), into));
  EXPECT_FALSE(decompressor.read("nothing of this kind", into));
  EXPECT_TRUE(decompressor.read(stored, into)) << "a failure before changes nothing";
}

}  // namespace
}  // namespace tollgate::stores
