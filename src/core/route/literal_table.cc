#include "core/route/literal_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/hash.h"

namespace tollgate::core {

LiteralTable::LiteralTable(const std::vector<Edge>& edges) {
  for (const Edge& edge : edges) longest_text_ = std::max(longest_text_, edge.text.size());
  constexpr std::uint64_t kSeedsPerSize = 8;
  std::size_t size = std::bit_ceil(edges.size() * 2 + 2);
  while (true) {
    mask_ = size - 1;
    for (std::uint64_t i = 0; i < kSeedsPerSize; ++i, ++seed_) {
      if (fill(edges)) return;
    }
    size *= 2;
  }
}

bool LiteralTable::fill(const std::vector<Edge>& edges) {
  texts_.clear();
  slots_.assign(mask_ + 1 + kMaxProbes, Slot{});
  for (const Edge& edge : edges) {
    const std::size_t first = slot_of(edge.parent, hash(edge.text));
    std::size_t i = first;
    while (i < first + kMaxProbes && slots_[i].child != 0) ++i;
    if (i == first + kMaxProbes) return false;
    slots_[i] = {edge.parent, edge.child, static_cast<std::uint32_t>(texts_.size()),
                 static_cast<std::uint32_t>(edge.text.size())};
    texts_ += edge.text;
  }
  return true;
}

std::uint64_t LiteralTable::hash(std::string_view text) const noexcept {
  return hash64(text, seed_);
}

std::size_t LiteralTable::slot_of(std::uint32_t parent, std::uint64_t hash) const noexcept {
  // Fibonacci hashing spreads consecutive node numbers; the fold brings the high bits down to the mask.
  const std::uint64_t mixed = hash ^ (parent * 0x9e37'79b9'7f4a'7c15u);
  return static_cast<std::size_t>(mixed ^ (mixed >> 32)) & mask_;
}

std::uint32_t LiteralTable::find(std::uint32_t parent, std::string_view text, std::uint64_t hash) const noexcept {
  const std::size_t first = slot_of(parent, hash);
  for (std::size_t i = first; i < first + kMaxProbes; ++i) {
    const Slot& slot = slots_[i];
    if (slot.child == 0) return 0;
    if (slot.parent == parent && slot.text_size == text.size() &&
        std::memcmp(texts_.data() + slot.text_begin, text.data(), text.size()) == 0) {
      return slot.child;
    }
  }
  return 0;
}

}  // namespace tollgate::core
