// One shared bucket per rule for the keys that found no room in the table: together they get what one key would get.
// A fixed number of slots, no growth, nothing is ever forgotten: a rule's shared bucket never becomes fresh again.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "stores/memory/bucket_table.h"

namespace tollgate::stores {

// Thread safety: all methods from any thread.
class OverflowBuckets {
 public:
  static constexpr std::size_t kRules = 1024;

  static Hash128 key_of(const core::TokenBucketSpec& rule);

  // Whether any rule ever needed one: asked for every new key, so it must cost nothing.
  bool in_use() const { return in_use_.load(std::memory_order_acquire); }
  Found find(Hash128 rule);
  // Null when more than kRules different rules have overflowed.
  Slot* find_or_add(Hash128 rule, NewBucket bucket);

  std::vector<StoredBucket> copy() const;

  void count_decision() { decisions_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t decisions() const { return decisions_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kSlots = kRules * 2;

  std::array<Slot, kSlots> slots_;
  std::atomic<bool> in_use_{false};
  std::atomic<std::uint64_t> decisions_{0};  // only on the path that already holds a mutex
  std::mutex adding_;
  std::size_t used_ = 0;  // under adding_
};

}  // namespace tollgate::stores
