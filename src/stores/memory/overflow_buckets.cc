#include "stores/memory/overflow_buckets.h"

#include <cstring>

namespace tollgate::stores {

Hash128 OverflowBuckets::key_of(const core::TokenBucketSpec& rule) {
  const std::array<std::uint64_t, 3> numbers{rule.refill_micro, rule.max_burst, rule.tokens_per_window};
  char bytes[sizeof(numbers)];
  std::memcpy(bytes, numbers.data(), sizeof(bytes));
  constexpr std::uint64_t kNoSecret = 0;  // rules are written by operators
  return hash128({bytes, sizeof(bytes)}, kNoSecret);
}

Found OverflowBuckets::find(Hash128 rule) {
  for (std::size_t index = rule.low % kSlots;; index = (index + 1) % kSlots) {
    Slot& slot = slots_[index];
    const std::uint64_t word = slot.word.load(std::memory_order_acquire);
    if (word == words::kEmpty) return {};
    if (slot.holds(rule)) return {&slot, word};
  }
}

Slot* OverflowBuckets::find_or_add(Hash128 rule, NewBucket bucket) {
  if (const Found found = find(rule); found.slot != nullptr) return found.slot;
  const std::scoped_lock lock(adding_);
  if (const Found found = find(rule); found.slot != nullptr) return found.slot;
  if (used_ == kRules) return nullptr;
  ++used_;
  std::size_t index = rule.low % kSlots;
  while (slots_[index].word.load(std::memory_order_relaxed) != words::kEmpty) index = (index + 1) % kSlots;
  Slot& slot = slots_[index];
  slot.high.store(rule.high, std::memory_order_relaxed);
  slot.low.store(rule.low, std::memory_order_relaxed);
  slot.keep_until.store(bucket.keep_until, std::memory_order_relaxed);
  slot.word.store(words::of(bucket.state), std::memory_order_release);
  in_use_.store(true, std::memory_order_release);
  return &slot;
}

std::vector<StoredBucket> OverflowBuckets::copy() const {
  std::vector<StoredBucket> copies;
  for (const Slot& slot : slots_) {
    const std::uint64_t word = slot.word.load(std::memory_order_acquire);
    if (words::is_tat(word)) copies.push_back({slot.key(), word, slot.keep_until.load(std::memory_order_relaxed)});
  }
  return copies;
}

}  // namespace tollgate::stores
