// Values that many rows repeat, each kept once and known by its index from then on.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tollgate::core {

// `Hash` is a function object; good bits are the low ones.
template <class Value, class Hash>
class Dictionary {
 public:
  std::uint32_t index_of(const Value& value) {
    if (last_ < values_.size() && values_[last_] == value) return last_;
    if (values_.size() * 2 >= table_.size()) grow();
    std::uint32_t& slot = slot_of(value);
    if (slot == 0) {
      values_.push_back(value);
      slot = static_cast<std::uint32_t>(values_.size());
    }
    return last_ = slot - 1;
  }
  // By index.
  const std::vector<Value>& values() const { return values_; }
  void clear() {
    values_.clear();
    table_.assign(table_.size(), 0);
  }

 private:
  std::uint32_t& slot_of(const Value& value) {
    const std::size_t mask = table_.size() - 1;
    std::size_t at = Hash()(value) & mask;
    while (table_[at] != 0 && values_[table_[at] - 1] != value) at = (at + 1) & mask;
    return table_[at];
  }
  void grow() {
    table_.assign(table_.empty() ? 64 : table_.size() * 2, 0);
    for (std::uint32_t i = 0; i < values_.size(); ++i) slot_of(values_[i]) = i + 1;
  }

  std::vector<Value> values_;
  std::vector<std::uint32_t> table_;  // index in values_ + 1; 0 is free
  std::uint32_t last_ = 0;            // the same value tends to come again
};

}  // namespace tollgate::core
