// The different tuples of many, in order, and which of them each is.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace tollgate::core {

// Thread safety: one thread at a time.
template <std::size_t N>
class TupleIndex {
 public:
  using Tuple = std::array<std::uint64_t, N>;

  // Adds it if it is new. Returns its number, which sort() changes.
  std::uint32_t add(const Tuple& tuple) {
    if (!tuples_.empty() && same(tuples_[last_], tuple)) return last_;  // neighbours mostly agree
    if (tuples_.size() * 2 >= slots_.size()) grow();
    std::uint32_t& slot = slot_of(tuple);
    if (slot == 0) {
      tuples_.push_back(tuple);
      slot = static_cast<std::uint32_t>(tuples_.size());
    }
    return last_ = slot - 1;
  }
  // Its number, if it was added.
  std::optional<std::uint32_t> find(const Tuple& tuple) const {
    if (tuples_.empty()) return std::nullopt;
    const std::uint32_t slot = slots_[slot_index(tuple)];
    return slot == 0 ? std::nullopt : std::optional(slot - 1);
  }
  // Puts the tuples in order. Returns the new number of each old one; nothing is added afterwards.
  std::vector<std::uint32_t> sort() {
    std::vector<std::uint32_t> order(tuples_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, {}, [&](std::uint32_t i) -> const Tuple& { return tuples_[i]; });
    std::vector<std::uint32_t> new_number(order.size());
    std::vector<Tuple> sorted;
    sorted.reserve(order.size());
    for (const std::uint32_t old : order) {
      new_number[old] = static_cast<std::uint32_t>(sorted.size());
      sorted.push_back(tuples_[old]);
    }
    tuples_ = std::move(sorted);
    return new_number;
  }
  const std::vector<Tuple>& tuples() const { return tuples_; }
  // Leaves it empty, and of no more use.
  std::vector<Tuple> take() { return std::move(tuples_); }

 private:
  // In line, unlike ==, which calls memcmp.
  static bool same(const Tuple& a, const Tuple& b) {
    std::uint64_t differs = 0;
    for (std::size_t k = 0; k < N; ++k) differs |= a[k] ^ b[k];
    return differs == 0;
  }
  static std::uint64_t hash_of(const Tuple& tuple) {
    return hash64({reinterpret_cast<const char*>(tuple.data()), sizeof(tuple)}, 0);
  }
  // Where it is, or belongs.
  std::size_t slot_index(const Tuple& tuple) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash_of(tuple) & mask;
    while (slots_[at] != 0 && !same(tuples_[slots_[at] - 1], tuple)) at = (at + 1) & mask;
    return at;
  }
  std::uint32_t& slot_of(const Tuple& tuple) { return slots_[slot_index(tuple)]; }
  void grow() {
    slots_.assign(slots_.empty() ? 256 : slots_.size() * 2, 0);
    for (std::uint32_t i = 0; i < tuples_.size(); ++i) slot_of(tuples_[i]) = i + 1;
  }

  std::vector<Tuple> tuples_;
  // Position in tuples_ + 1; 0 is free. A power of two of them, at most half in use.
  std::vector<std::uint32_t> slots_;
  std::uint32_t last_ = 0;  // what add() gave last
};

}  // namespace tollgate::core
