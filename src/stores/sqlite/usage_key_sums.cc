#include "stores/sqlite/usage_key_sums.h"

#include <algorithm>
#include <bit>

namespace tollgate::stores {
namespace {

bool comes_before(const KeySums::Sum& a, const KeySums::Sum& b) {
  return a.value != b.value ? a.value > b.value : a.key < b.key;
}

}  // namespace

void KeySums::sum_up(Pile& pile) {
  const std::size_t size = std::bit_ceil(2 * pile.sums.size() + 1);
  table_.assign(size, 0);
  std::size_t kept = 0;
  for (const Sum& sum : pile.sums) {
    std::size_t at = (sum.key * kOdd >> 20) & (size - 1);  // not the bits that chose the pile
    while (table_[at] != 0 && pile.sums[table_[at] - 1].key != sum.key) at = (at + 1) & (size - 1);
    if (table_[at] != 0) {
      pile.sums[table_[at] - 1].value += sum.value;
    } else {
      pile.sums[kept++] = sum;
      table_[at] = static_cast<std::uint32_t>(kept);
    }
  }
  pile.sums.resize(kept);
  pile.limit = std::max(kLimitMin, 2 * kept);
}

std::vector<KeySums::Sum> KeySums::greatest(std::size_t count, std::size_t& all) {
  all = 0;
  std::vector<Sum> found;
  for (Pile& pile : piles_) {
    sum_up(pile);
    all += pile.sums.size();
    found.insert(found.end(), pile.sums.begin(), pile.sums.end());
    if (found.size() <= count) continue;
    std::ranges::nth_element(found, found.begin() + static_cast<std::ptrdiff_t>(count), comes_before);
    found.resize(count);
  }
  std::ranges::sort(found, comes_before);
  return found;
}

}  // namespace tollgate::stores
