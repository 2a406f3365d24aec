// The 32 bytes that one bucket takes, and the array they lie in.
//
// `word` is a bucket's whole state, a core::Tat, or one of the marks below. A slot belongs to one key for the life of
// its array: keys are written once, before `word` leaves kEmpty, and never reused for another key. So a
// compare-and-swap on a word that was read earlier can never hit another bucket's state.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "base/hash.h"
#include "base/wide.h"
#include "core/limit/token_bucket.h"

namespace tollgate::stores {

namespace words {
inline constexpr std::uint64_t kEmpty = 0;                        // no key was ever here: a search ends
inline constexpr std::uint64_t kForgotten = ~std::uint64_t{0};    // was full, is the same as absent; a search goes on
inline constexpr std::uint64_t kMoved = ~std::uint64_t{0} - 1;    // lives in the shard's next array
inline constexpr std::uint64_t kRetired = ~std::uint64_t{0} - 2;  // migrated to another rule: no decision any more
inline constexpr std::uint64_t kLargestTat = ~std::uint64_t{0} - 3;

constexpr bool is_tat(std::uint64_t word) {
  return word != kEmpty && word <= kLargestTat;
}
// Tat 0 (full since ever) looks like an empty slot; one unit after the epoch is just as full.
constexpr std::uint64_t of(core::Tat state) {
  return state.units == 0 ? 1 : state.units;
}
}  // namespace words

struct alignas(32) Slot {
  std::atomic<std::uint64_t> high{0};
  std::atomic<std::uint64_t> low{0};
  std::atomic<std::uint64_t> word{words::kEmpty};
  // The slot may be forgotten from this second (limiter time) on. Raised before `word` is, so whoever reads a word and
  // then this knows that the word means nothing any more.
  std::atomic<std::uint32_t> keep_until{0};
  // Not 0: restored after a crash, and to be made no fuller than "full at this second" by the first who knows the rule.
  std::atomic<std::uint32_t> at_least_until{0};

  bool holds(Hash128 key) const {
    return low.load(std::memory_order_relaxed) == key.low && high.load(std::memory_order_relaxed) == key.high;
  }
  Hash128 key() const { return {low.load(std::memory_order_relaxed), high.load(std::memory_order_relaxed)}; }
  bool may_be_forgotten(std::uint32_t second) const { return keep_until.load(std::memory_order_relaxed) <= second; }
  void raise_keep_until(std::uint32_t second) {
    std::uint32_t was = keep_until.load(std::memory_order_relaxed);
    while (was < second && !keep_until.compare_exchange_weak(was, second, std::memory_order_relaxed)) {
    }
  }
};
static_assert(sizeof(Slot) == 32);

// Open addressing with linear probing. At least one slot is always kEmpty.
class SlotArray {
 public:
  // Null when there is no memory.
  static std::unique_ptr<SlotArray> make(std::size_t capacity) {
    std::unique_ptr<Slot[]> slots(new (std::nothrow) Slot[capacity]);
    if (!slots) return nullptr;
    return std::unique_ptr<SlotArray>(new (std::nothrow) SlotArray(std::move(slots), capacity));
  }

  std::size_t capacity() const { return capacity_; }
  Slot& operator[](std::size_t index) { return slots_[index]; }
  // Where the search for `key` starts: any capacity will do, not only powers of two.
  std::size_t home_of(Hash128 key) const {
    return static_cast<std::size_t>((static_cast<UInt128>(key.low) * capacity_) >> 64);
  }
  std::size_t after(std::size_t index) const { return index + 1 == capacity_ ? 0 : index + 1; }

 private:
  SlotArray(std::unique_ptr<Slot[]> slots, std::size_t capacity) : slots_(std::move(slots)), capacity_(capacity) {}
  std::unique_ptr<Slot[]> slots_;
  std::size_t capacity_;
};

}  // namespace tollgate::stores
