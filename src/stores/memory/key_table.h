// Every API key of this process in one hash table that is read without locks.
//
// Open addressing with linear probing over an array of (hash, entry) pairs: a look-up touches the pair's cache line and
// the entry's first, about 170 to 200 bytes a key in all. The hash is seeded, so nobody can choose ids that collide.
// Entries that were replaced and arrays that were outgrown are freed through RCU.
//
// Thread safety: reading from any thread under an RcuReadGuard; writing from any thread, one at a time.
#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/rcu.h"
#include "ports/key_directory.h"

namespace tollgate::stores {

class KeyTable final : public ports::KeyDirectory {
 public:
  using Entry = std::unique_ptr<const ports::KeyEntry>;

  explicit KeyTable(std::uint64_t hash_seed);
  ~KeyTable() override;
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  const ports::KeyEntry* find(core::KeyId id) const override;
  bool ready() const override { return fresh_at_.load(std::memory_order_acquire) != kNever; }
  Nanos staleness(MonoTime now) const override;  // Nanos::max() before the first load
  std::size_t size() const override { return live_.load(std::memory_order_relaxed); }
  std::uint32_t generation() const override { return generation_.load(std::memory_order_relaxed); }

  // Adds the entries or replaces those with the same id. Each is visible as soon as it is in.
  void put(std::vector<Entry> entries);
  // Ids that are not there are skipped.
  void remove(std::span<const core::KeyId> ids);
  // All changes up to that moment are in, and `revision` is the last of them. The first call makes the table ready.
  void set_fresh(MonoTime at, std::uint64_t revision);
  // Calls `visit` for each entry while writers wait.
  void for_each(const std::function<void(const ports::KeyEntry&)>& visit) const;

 private:
  struct Slot {
    std::atomic<std::uint64_t> hash{kEmpty};
    std::atomic<const ports::KeyEntry*> entry{nullptr};
  };
  struct Slots {
    explicit Slots(std::size_t capacity) : mask(capacity - 1), slots(new Slot[capacity]) {}
    std::size_t mask;  // capacity is a power of two
    std::unique_ptr<Slot[]> slots;
  };
  struct Hit {
    Slot* slot = nullptr;
    const ports::KeyEntry* entry = nullptr;
  };
  using Garbage = std::vector<const ports::KeyEntry*>;

  static constexpr std::uint64_t kEmpty = 0;    // a search ends here
  static constexpr std::uint64_t kRemoved = 1;  // a search goes on
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

  std::uint64_t hash_of(const core::KeyId& id) const;
  Hit look_up(const core::KeyId& id) const;
  static Slot& free_slot(const Slots& slots, std::uint64_t hash);
  void put_one(const ports::KeyEntry* entry, Garbage& garbage);
  void make_room();
  static void free_later(Garbage garbage);

  const std::uint64_t hash_seed_;
  RcuPointer<Slots> slots_;
  mutable std::mutex writer_;
  std::size_t used_ = 0;  // slots that are not kEmpty; under writer_
  std::atomic<std::size_t> live_{0};
  std::atomic<std::int64_t> fresh_at_{kNever};
  std::atomic<std::uint32_t> generation_{0};
};

}  // namespace tollgate::stores
