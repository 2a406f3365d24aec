// A hash table from RollupKey to sums, for adding rows up by whatever part of the key a question asks about.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/usage/rollup.h"

namespace tollgate::core {

// Key ids come from Tollgate's own random generator and names are hashed with a seed, so that nobody outside can choose
// colliding ones.
inline std::uint64_t hash_of(const RollupKey& key) {
  constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  std::uint64_t hash = (key.key ^ ((key.place + key.consumer) * kOdd)) * kOdd;
  hash = (hash ^ (hash >> 32) ^ key.rest) * kOdd;
  return hash ^ (hash >> 29);
}

// Thread safety: one thread at a time.
template <class Value>
class RowTable {
 public:
  struct Entry {
    RollupKey key;
    Value value;
  };

  // Valid until the next call; a new one is value-initialised.
  Value& at(const RollupKey& key) {
    if (last_ < entries_.size() && entries_[last_].key == key) return entries_[last_].value;
    if (entries_.size() * 2 >= index_.size()) grow();
    std::uint32_t& slot = slot_of(key);
    if (slot == 0) {
      entries_.push_back({key, {}});
      slot = static_cast<std::uint32_t>(entries_.size());
    }
    last_ = slot - 1;
    return entries_[last_].value;
  }
  // Null when there is none.
  const Value* find(const RollupKey& key) {
    if (entries_.empty()) return nullptr;
    const std::uint32_t slot = slot_of(key);
    return slot == 0 ? nullptr : &entries_[slot - 1].value;
  }
  // In the order in which they came.
  std::span<const Entry> entries() const { return entries_; }

 private:
  std::uint32_t& slot_of(const RollupKey& key) {
    const std::size_t mask = index_.size() - 1;
    std::size_t at = hash_of(key) & mask;
    while (index_[at] != 0 && entries_[index_[at] - 1].key != key) at = (at + 1) & mask;
    return index_[at];
  }
  void grow() {
    index_.assign(index_.empty() ? 256 : index_.size() * 2, 0);
    for (std::uint32_t i = 0; i < entries_.size(); ++i) slot_of(entries_[i].key) = i + 1;
  }

  std::vector<Entry> entries_;
  // Position in entries_ + 1; 0 is free. A power of two of them, at most half in use.
  std::vector<std::uint32_t> index_;
  std::size_t last_ = 0;  // rows of one group tend to come together
};

}  // namespace tollgate::core
