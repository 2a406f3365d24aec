#include "stores/memory/key_table.h"

#include <algorithm>
#include <bit>

#include "base/hash.h"

namespace tollgate::stores {

namespace {

constexpr std::size_t kLeastCapacity = 64;

}  // namespace

KeyTable::KeyTable(std::uint64_t hash_seed) : hash_seed_(hash_seed), slots_(new Slots(kLeastCapacity)) {}

KeyTable::~KeyTable() {
  for_each([](const ports::KeyEntry& entry) { delete &entry; });
}

std::uint64_t KeyTable::hash_of(const core::KeyId& id) const {
  const std::uint64_t hash = hash64({id.text.data(), id.text.size()}, hash_seed_);
  return hash > kRemoved ? hash : hash + 2;
}

KeyTable::Hit KeyTable::look_up(const core::KeyId& id) const {
  const std::uint64_t hash = hash_of(id);
  const Slots& slots = *slots_.load();
  // Ends: make_room() keeps a quarter of the slots empty.
  for (std::size_t i = hash & slots.mask;; i = (i + 1) & slots.mask) {
    Slot& slot = slots.slots[i];
    const std::uint64_t found = slot.hash.load(std::memory_order_acquire);
    if (found == kEmpty) return {};
    if (found != hash) continue;
    // seq_cst, as RCU asks of pointers that lead to what may be retired. The slot may have changed hands since its hash
    // was read: the entry's own id decides.
    const ports::KeyEntry* entry = slot.entry.load(std::memory_order_seq_cst);
    if (entry != nullptr && entry->id == id) return {&slot, entry};
  }
}

const ports::KeyEntry* KeyTable::find(core::KeyId id) const {
  return look_up(id).entry;
}

Nanos KeyTable::staleness(MonoTime now) const {
  const std::int64_t at = fresh_at_.load(std::memory_order_acquire);
  return at == kNever ? Nanos::max() : now - MonoTime(Nanos(at));
}

void KeyTable::set_fresh(MonoTime at, std::uint64_t revision) {
  generation_.store(static_cast<std::uint32_t>(revision), std::memory_order_relaxed);
  fresh_at_.store(at.time_since_epoch().count(), std::memory_order_release);
}

KeyTable::Slot& KeyTable::free_slot(const Slots& slots, std::uint64_t hash) {
  for (std::size_t i = hash & slots.mask;; i = (i + 1) & slots.mask) {
    if (slots.slots[i].hash.load(std::memory_order_relaxed) <= kRemoved) return slots.slots[i];
  }
}

void KeyTable::make_room() {
  const Slots& old = *slots_.load();
  if ((used_ + 1) * 4 <= (old.mask + 1) * 3) return;
  const std::size_t live = live_.load(std::memory_order_relaxed);
  auto next = std::make_unique<Slots>(std::max(kLeastCapacity, std::bit_ceil((live + 1) * 2)));
  for (std::size_t i = 0; i <= old.mask; ++i) {
    const ports::KeyEntry* entry = old.slots[i].entry.load(std::memory_order_relaxed);
    if (entry == nullptr) continue;
    const std::uint64_t hash = old.slots[i].hash.load(std::memory_order_relaxed);
    Slot& slot = free_slot(*next, hash);
    slot.entry.store(entry, std::memory_order_relaxed);
    slot.hash.store(hash, std::memory_order_relaxed);
  }
  used_ = live;
  slots_.replace(next.release());
}

void KeyTable::put_one(const ports::KeyEntry* entry, Garbage& garbage) {
  if (const Hit known = look_up(entry->id); known.slot != nullptr) {
    known.slot->entry.store(entry, std::memory_order_seq_cst);
    garbage.push_back(known.entry);
    return;
  }
  make_room();
  const std::uint64_t hash = hash_of(entry->id);
  Slot& slot = free_slot(*slots_.load(), hash);
  if (slot.hash.load(std::memory_order_relaxed) == kEmpty) ++used_;
  // The entry first: whoever sees the hash finds it.
  slot.entry.store(entry, std::memory_order_seq_cst);
  slot.hash.store(hash, std::memory_order_release);
  live_.fetch_add(1, std::memory_order_relaxed);
}

void KeyTable::put(std::vector<Entry> entries) {
  Garbage garbage;
  {
    const std::lock_guard lock(writer_);
    for (Entry& entry : entries) put_one(entry.release(), garbage);
  }
  free_later(std::move(garbage));
}

void KeyTable::remove(std::span<const core::KeyId> ids) {
  Garbage garbage;
  {
    const std::lock_guard lock(writer_);
    for (const core::KeyId& id : ids) {
      const Hit known = look_up(id);
      if (known.slot == nullptr) continue;
      known.slot->entry.store(nullptr, std::memory_order_seq_cst);
      known.slot->hash.store(kRemoved, std::memory_order_release);
      garbage.push_back(known.entry);
      live_.fetch_sub(1, std::memory_order_relaxed);
    }
  }
  free_later(std::move(garbage));
}

void KeyTable::free_later(Garbage garbage) {
  if (garbage.empty()) return;
  RcuDomain::instance().retire([garbage = std::move(garbage)] {
    for (const ports::KeyEntry* entry : garbage) delete entry;
  });
}

void KeyTable::for_each(const std::function<void(const ports::KeyEntry&)>& visit) const {
  const std::lock_guard lock(writer_);
  const Slots& slots = *slots_.load();
  for (std::size_t i = 0; i <= slots.mask; ++i) {
    const ports::KeyEntry* entry = slots.slots[i].entry.load(std::memory_order_seq_cst);
    if (entry != nullptr) visit(*entry);
  }
}

}  // namespace tollgate::stores
