#include "stores/sqlite/usage_key_sums.h"

#include <algorithm>
#include <bit>

namespace tollgate::stores {
namespace {

bool comes_before(const KeySums::Sum& a, const KeySums::Sum& b) {
  return a.value != b.value ? a.value > b.value : a.key < b.key;
}

}  // namespace

KeySums::Block* KeySums::take_block() {
  constexpr std::size_t kSlabBlocks = 1024;
  if (free_.empty()) {
    slabs_.push_back(std::make_unique_for_overwrite<Block[]>(kSlabBlocks));
    for (std::size_t i = kSlabBlocks; i > 0; --i) free_.push_back(&slabs_.back()[i - 1]);
  }
  Block* const block = free_.back();
  free_.pop_back();
  return block;
}

// Another block; before that, when there have come to be so many, each key once.
void KeySums::grow(Pile& pile) {
  if (pile.blocks.size() * kBlockSums >= pile.limit) {
    sum_up(pile);
    pile.limit = std::max(kLimitMin, 2 * summed_.size());
    free_.insert(free_.end(), pile.blocks.begin(), pile.blocks.end());
    pile.blocks.clear();
    pile.next = pile.end = nullptr;
    for (const Sum& sum : summed_) {
      if (pile.next == pile.end) grow(pile);
      *pile.next++ = sum;
    }
    if (pile.next != pile.end) return;
  }
  pile.blocks.push_back(take_block());
  pile.next = pile.blocks.back()->sums.data();
  pile.end = pile.next + kBlockSums;
}

void KeySums::sum_up(const Pile& pile) {
  summed_.clear();
  for (const Block* block : pile.blocks) {
    const Sum* const begin = block->sums.data();
    const bool is_last = block == pile.blocks.back();
    summed_.insert(summed_.end(), begin, is_last ? pile.next : begin + kBlockSums);
  }
  const std::size_t size = std::bit_ceil(2 * summed_.size() + 1);
  table_.assign(size, 0);
  std::size_t kept = 0;
  for (const Sum& sum : summed_) {
    std::size_t at = (sum.key * kOdd >> 20) & (size - 1);  // not the bits that chose the pile
    while (table_[at] != 0 && summed_[table_[at] - 1].key != sum.key) at = (at + 1) & (size - 1);
    if (table_[at] != 0) {
      summed_[table_[at] - 1].value += sum.value;
    } else {
      summed_[kept++] = sum;
      table_[at] = static_cast<std::uint32_t>(kept);
    }
  }
  summed_.resize(kept);
}

std::vector<KeySums::Sum> KeySums::greatest(std::size_t count, std::size_t& all) {
  all = 0;
  std::vector<Sum> found;
  Sum least;  // of the greatest so far, once there are `count`
  bool is_full = false;
  const auto shorten = [&] {
    if (found.size() < count) return;
    const auto last = found.begin() + static_cast<std::ptrdiff_t>(count) - 1;
    std::ranges::nth_element(found, last, comes_before);
    least = *last;
    is_full = true;
    found.resize(count);
  };
  for (const Pile& pile : piles_) {
    sum_up(pile);
    all += summed_.size();
    for (const Sum& sum : summed_) {
      if (!is_full || comes_before(sum, least)) found.push_back(sum);
    }
    shorten();
  }
  std::ranges::sort(found, comes_before);
  return found;
}

}  // namespace tollgate::stores
