#include "stores/memory/bucket_table.h"

#include <algorithm>
#include <thread>

#include "base/assert.h"
#include "base/rcu.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kSmallestArray = 16;
constexpr std::size_t kSweptPerInsert = 4;

constexpr std::size_t usable(std::size_t capacity, Room room) {
  return room == Room::ordinary ? capacity / 8 * 7 : capacity - std::max<std::size_t>(capacity / 32, 1);
}
// 70 % full: growing at 87.5 % makes an array a quarter larger, and an idle bucket costs 37 to 46 bytes.
constexpr std::size_t capacity_for(std::size_t buckets) {
  return buckets * 10 / 7 + kSmallestArray;
}

}  // namespace

struct alignas(64) BucketTable::Shard {
  std::atomic<SlotArray*> array{nullptr};
  mutable std::mutex mutex;
  // All below under the mutex.
  std::size_t max_capacity = 0;
  std::size_t live = 0;       // slots that hold a state or kRetired
  std::size_t forgotten = 0;  // slots that a search must still pass
  std::size_t cursor = 0;
  std::uint32_t swept_in_vain = 0;  // the second in which a whole sweep found nothing to forget
  std::uint64_t forgotten_ever = 0;
  std::uint64_t rebuilds = 0;

  SlotArray& slots() const { return *array.load(std::memory_order_relaxed); }
  Found find(Hash128 key) const;
  void wait_for_next(const SlotArray* old) const;
  void sweep_next(std::size_t count, std::uint32_t second);
  bool make_room(Room room, std::uint32_t second);
  bool rebuild(std::size_t capacity);
};

Found BucketTable::Shard::find(Hash128 key) const {
  while (true) {
    // seq_cst, after the guard's own store: see base/rcu.h.
    SlotArray* const slots = array.load(std::memory_order_seq_cst);
    std::size_t index = slots->home_of(key);
    while (true) {
      Slot& slot = (*slots)[index];
      const std::uint64_t word = slot.word.load(std::memory_order_acquire);
      if (word == words::kEmpty) return {};
      if (slot.holds(key)) {
        if (word == words::kForgotten) return {};
        if (word == words::kMoved) break;
        return {&slot, word};
      }
      index = slots->after(index);
    }
    wait_for_next(slots);
  }
}

void BucketTable::Shard::wait_for_next(const SlotArray* old) const {
  for (int spins = 0; spins < 128; ++spins) {
    if (array.load(std::memory_order_acquire) != old) return;
    __builtin_ia32_pause();
  }
  const std::scoped_lock until_published(mutex);
}

// Forgetting is a compare-and-swap on the word that was read before `keep_until`: a decider that takes tokens raises
// keep_until first, so either it is seen here, or this swap fails, or the decider's does.
void BucketTable::Shard::sweep_next(std::size_t count, std::uint32_t second) {
  SlotArray& all = slots();
  for (count = std::min(count, all.capacity()); count > 0; --count) {
    Slot& slot = all[cursor];
    cursor = all.after(cursor);
    std::uint64_t word = slot.word.load(std::memory_order_acquire);
    if (word == words::kEmpty || word == words::kForgotten || !slot.may_be_forgotten(second)) continue;
    if (!slot.word.compare_exchange_strong(word, words::kForgotten, std::memory_order_acq_rel)) continue;
    --live;
    ++forgotten;
    ++forgotten_ever;
  }
}

bool BucketTable::Shard::make_room(Room room, std::uint32_t second) {
  const auto has_room = [&] { return live + forgotten < usable(slots().capacity(), room); };
  sweep_next(kSweptPerInsert, second);
  if (has_room()) return true;
  const bool at_cap = slots().capacity() == max_capacity;
  // At the cap a whole sweep is worth its time at most once a second, and a rebuild only when it frees a sixteenth.
  if (!at_cap || swept_in_vain != second) sweep_next(slots().capacity(), second);
  const std::size_t wanted = std::clamp(capacity_for(live), kSmallestArray, max_capacity);
  if (at_cap && forgotten < std::max<std::size_t>(max_capacity / 16, 1)) {
    swept_in_vain = second;
    return false;
  }
  return rebuild(std::max(wanted, std::min(slots().capacity(), max_capacity) / 2)) && has_room();
}

bool BucketTable::Shard::rebuild(std::size_t capacity) {
  capacity = std::clamp(std::max(capacity, capacity_for(live)), kSmallestArray, max_capacity);
  TG_ASSERT(live < capacity);
  std::unique_ptr<SlotArray> next = SlotArray::make(capacity);
  if (!next) return false;
  SlotArray* const old = array.load(std::memory_order_relaxed);
  std::size_t moved = 0;
  for (std::size_t from = 0; from < old->capacity(); ++from) {
    Slot& slot = (*old)[from];
    const std::uint64_t seen = slot.word.load(std::memory_order_acquire);
    if (seen == words::kEmpty || seen == words::kForgotten) continue;
    const std::uint64_t word = slot.word.exchange(words::kMoved, std::memory_order_acq_rel);
    const Hash128 key = slot.key();
    std::size_t to = next->home_of(key);
    while ((*next)[to].word.load(std::memory_order_relaxed) != words::kEmpty) to = next->after(to);
    Slot& copy = (*next)[to];
    copy.high.store(key.high, std::memory_order_relaxed);
    copy.low.store(key.low, std::memory_order_relaxed);
    copy.keep_until.store(slot.keep_until.load(std::memory_order_relaxed), std::memory_order_relaxed);
    copy.at_least_until.store(slot.at_least_until.load(std::memory_order_relaxed), std::memory_order_relaxed);
    copy.word.store(word, std::memory_order_relaxed);
    ++moved;
  }
  TG_ASSERT(moved == live);
  forgotten = 0;
  cursor = 0;
  ++rebuilds;
  array.store(next.release(), std::memory_order_seq_cst);
  RcuDomain::instance().retire([old] { delete old; });
  return true;
}

BucketTable::BucketTable(std::size_t max_bytes) : shards_(std::make_unique<Shard[]>(kShards)) {
  for (std::size_t i = 0; i < kShards; ++i) {
    shards_[i].max_capacity = std::max(max_bytes / kShards / sizeof(Slot), kSmallestArray);
    shards_[i].array.store(SlotArray::make(kSmallestArray).release(), std::memory_order_relaxed);
  }
}

BucketTable::~BucketTable() {
  for (std::size_t i = 0; i < kShards; ++i) delete shards_[i].array.load(std::memory_order_relaxed);
}

BucketTable::Shard& BucketTable::shard_of(Hash128 key) const {
  return shards_[key.high >> 56];
}

Found BucketTable::find(Hash128 key) const {
  return shard_of(key).find(key);
}

BucketTable::Exclusive::Exclusive(Shard& shard, Hash128 key) : shard_(shard), key_(key), lock_(shard.mutex) {}

BucketTable::Exclusive BucketTable::lock(Hash128 key) {
  return Exclusive(shard_of(key), key);
}

Found BucketTable::Exclusive::find() const {
  return shard_.find(key_);
}

Slot* BucketTable::Exclusive::insert(NewBucket bucket, core::LimiterTime now, Room room) {
  if (!shard_.make_room(room, second_of(now))) return nullptr;
  SlotArray& slots = shard_.slots();
  std::size_t index = slots.home_of(key_);
  while (slots[index].word.load(std::memory_order_relaxed) != words::kEmpty && !slots[index].holds(key_)) {
    index = slots.after(index);
  }
  Slot& slot = slots[index];
  const std::uint64_t was = slot.word.load(std::memory_order_relaxed);
  TG_ASSERT(was == words::kEmpty || was == words::kForgotten);
  if (was == words::kForgotten) --shard_.forgotten;  // this key's own earlier slot
  ++shard_.live;
  slot.high.store(key_.high, std::memory_order_relaxed);
  slot.low.store(key_.low, std::memory_order_relaxed);
  slot.raise_keep_until(bucket.keep_until);
  slot.word.store(words::of(bucket.state), std::memory_order_release);
  return &slot;
}

void BucketTable::sweep(core::LimiterTime now, std::size_t slots) {
  const RcuReadGuard guard;
  for (std::size_t shards = kShards; shards > 0 && slots > 0; --shards) {
    Shard& shard = shards_[next_swept_.fetch_add(1, std::memory_order_relaxed) % kShards];
    const std::scoped_lock lock(shard.mutex);
    const std::size_t capacity = shard.slots().capacity();
    shard.sweep_next(capacity, second_of(now));
    slots -= std::min(slots, capacity);
    if (capacity_for(shard.live) < capacity / 2) shard.rebuild(0);
  }
}

std::vector<StoredBucket> BucketTable::copy_shard(std::size_t index, core::LimiterTime now) const {
  const Shard& shard = shards_[index];
  std::vector<StoredBucket> copies;
  const std::scoped_lock lock(shard.mutex);
  copies.reserve(shard.live);
  SlotArray& slots = shard.slots();
  for (std::size_t i = 0; i < slots.capacity(); ++i) {
    const std::uint64_t word = slots[i].word.load(std::memory_order_acquire);
    if (!words::is_tat(word) || slots[i].may_be_forgotten(second_of(now))) continue;
    copies.push_back({slots[i].key(), word, slots[i].keep_until.load(std::memory_order_relaxed)});
  }
  return copies;
}

TableStats BucketTable::stats() const {
  TableStats sum;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::scoped_lock lock(shards_[i].mutex);
    sum.buckets += shards_[i].live;
    sum.bytes += sizeof(Shard) + shards_[i].slots().capacity() * sizeof(Slot);
    sum.forgotten += shards_[i].forgotten_ever;
    sum.rebuilds += shards_[i].rebuilds;
  }
  return sum;
}

}  // namespace tollgate::stores
