// Every bucket that is not full, in 256 shards of 32-byte slots; a full bucket needs no slot.
//
// Reading and deciding take no lock: find a slot, compare-and-swap its word. Only a new key, growth and sweeping take
// the shard's mutex. Growth freezes each word with a mark, copies it, and publishes the new array; whoever meets the
// mark waits for the new array. Old arrays are freed through base/rcu.h: hold an RcuReadGuard while a Slot is in use.
//
// Memory is bounded: a shard never has more than its share of `max_bytes`, and only slots past their `keep_until` make
// room for others. When that is not enough, insert() says so, and the caller must not treat the key as full.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/limit/limiter_time.h"
#include "stores/memory/slot.h"

namespace tollgate::stores {

// The limiter's whole second, rounded down: compared with Slot::keep_until, which is rounded up.
inline std::uint32_t second_of(core::LimiterTime now) {
  return static_cast<std::uint32_t>(now.ns / 1'000'000'000);
}

struct Found {
  Slot* slot = nullptr;  // null: no state is stored
  std::uint64_t word = words::kEmpty;
};

struct NewBucket {
  core::Tat state;
  std::uint32_t keep_until = 0;
};

// Who asks for a slot: migrations may use the last eighth, so that a flood of new keys cannot stop them.
enum class Room : std::uint8_t { ordinary, reserved };

struct TableStats {
  std::size_t buckets = 0;
  std::size_t bytes = 0;
  std::uint64_t forgotten = 0;
  std::uint64_t rebuilds = 0;
};

struct StoredBucket {
  Hash128 key;
  std::uint64_t tat = 0;
  std::uint32_t keep_until = 0;
};

// Thread safety: all methods from any thread.
class BucketTable {
 public:
  static constexpr std::size_t kShards = 256;

  explicit BucketTable(std::size_t max_bytes);
  ~BucketTable();
  BucketTable(const BucketTable&) = delete;
  BucketTable& operator=(const BucketTable&) = delete;

  // Never returns kEmpty, kForgotten or kMoved with a slot.
  Found find(Hash128 key) const;

  struct Shard;
  // The right to add keys to one shard; everybody else goes on deciding about the keys it has.
  class Exclusive {
   public:
    Found find() const;
    // The key must not be there. Null: no room, and nothing that may be forgotten.
    Slot* insert(NewBucket bucket, core::LimiterTime now, Room room);

   private:
    friend class BucketTable;
    Exclusive(Shard& shard, Hash128 key);
    Shard& shard_;
    Hash128 key_;
    std::unique_lock<std::mutex> lock_;
  };
  Exclusive lock(Hash128 key);

  // Looks at about `slots` slots, forgets those past their time and gives memory back; the next call goes on from
  // there.
  void sweep(core::LimiterTime now, std::size_t slots);

  // A copy of one shard's buckets; deciders are not held up, new keys of this shard are, for some ten µs.
  std::vector<StoredBucket> copy_shard(std::size_t index, core::LimiterTime now) const;

  TableStats stats() const;

 private:
  Shard& shard_of(Hash128 key) const;

  std::unique_ptr<Shard[]> shards_;
  std::atomic<std::size_t> next_swept_{0};
};

}  // namespace tollgate::stores
