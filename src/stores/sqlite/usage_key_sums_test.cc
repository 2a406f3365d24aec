#include "stores/sqlite/usage_key_sums.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace tollgate::stores {
namespace {

RC_GTEST_PROP(KeySums, AreThoseOfATableHoweverManyRowsCome, (std::uint32_t seed)) {
  std::mt19937_64 random(seed);
  const std::uint64_t keys = *rc::gen::element<std::uint64_t>(1, 3, 5000, 1'000'000);
  const int rows = *rc::gen::element(0, 1, 100, 30'000);
  KeySums sums;
  std::map<std::uint64_t, std::uint64_t> table;
  for (int i = 0; i < rows; ++i) {
    const std::uint64_t key = random() % keys;
    const std::uint64_t value = random() % 5;
    sums.add(key, value);
    table[key] += value;
  }
  std::vector<std::pair<std::uint64_t, std::uint64_t>> expected(table.begin(), table.end());
  // The greatest first, equal ones by key.
  std::ranges::sort(expected, {}, [](const auto& one) { return std::pair(~one.second, one.first); });
  const std::size_t count = *rc::gen::element<std::size_t>(1, 10, 1000);
  std::size_t all = 0;
  const auto greatest = sums.greatest(count, all);
  RC_ASSERT(all == expected.size());
  RC_ASSERT(greatest.size() == std::min(count, expected.size()));
  for (std::size_t i = 0; i < greatest.size(); ++i) {
    RC_ASSERT((greatest[i].key == expected[i].first && greatest[i].value == expected[i].second));
  }
}

}  // namespace
}  // namespace tollgate::stores
