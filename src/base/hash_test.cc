#include "base/hash.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <set>
#include <string>

namespace tollgate {
namespace {

TEST(Hash, DependsOnTheSeed) {
  EXPECT_NE(hash64("key", 1), hash64("key", 2));
  EXPECT_NE(hash128("key", 1), hash128("key", 2));
  EXPECT_NE(hash_tuple({"key"}, 1), hash_tuple({"key"}, 2));
  EXPECT_EQ(hash_tuple({"key"}, 1), hash_tuple({"key"}, 1));
}

TEST(HashTuple, WhereOnePartEndsMatters) {
  const std::string text = "abc:d|e\0_f";
  std::set<Hash128> seen;
  std::size_t tuples = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    for (std::size_t j = i; j <= text.size(); ++j) {
      const std::string_view all(text);
      seen.insert(hash_tuple({all.substr(0, i), all.substr(i, j - i), all.substr(j)}, 7));
      ++tuples;
    }
  }
  seen.insert(hash_tuple({text}, 7));
  seen.insert(hash_tuple({text, ""}, 7));
  seen.insert(hash_tuple({}, 7));
  seen.insert(hash_tuple({""}, 7));
  EXPECT_EQ(seen.size(), tuples + 4);
}

TEST(HashTuple, LongPartsCountInFull) {
  std::set<Hash128> seen;
  for (std::size_t at = 0; at < 2'000; ++at) {
    std::string part(2'000, 'x');
    part[at] = 'y';
    seen.insert(hash_tuple({part}, 7));
    seen.insert(hash_tuple({"a", part}, 7));
    seen.insert(hash_tuple({part, "a"}, 7));
  }
  EXPECT_EQ(seen.size(), 6'000u);
}

// What the first 512 bytes hold must not hide where a long part begins.
TEST(HashTuple, ALongPartIsNotItsOwnHash) {
  const std::string part(600, 'x');
  const Hash128 piece = hash128(part, 7);
  const std::string_view bytes(reinterpret_cast<const char*>(&piece), sizeof(piece));
  EXPECT_NE(hash_tuple({part}, 7), hash_tuple({bytes}, 7));
  EXPECT_NE(hash_tuple({part.substr(0, 300), part.substr(300)}, 7), hash_tuple({part}, 7));
}

RC_GTEST_PROP(HashTuple, DifferentPairsHaveDifferentHashes,
              (const std::string& a, const std::string& b, const std::string& c, const std::string& d)) {
  RC_ASSERT((hash_tuple({a, b}, 7) == hash_tuple({c, d}, 7)) == (a == c && b == d));
  RC_ASSERT((hash_tuple({a, b}, 7) == hash_tuple({a + b}, 7)) == false);
}

}  // namespace
}  // namespace tollgate
