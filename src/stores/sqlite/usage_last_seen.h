// When each key was last seen: a flat hash table of 16 bytes an entry, since at a million keys nearly every look-up
// misses the cache.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tollgate::stores {

class UsageLastSeen {
 public:
  // The second of `key`, not 0; made as -1 when it is new. Valid until the next call. Entries older than `oldest` may
  // be forgotten meanwhile.
  std::int64_t& at(std::uint64_t key, std::int64_t oldest) {
    if (used_ * 2 >= entries_.size()) rebuild(oldest);
    Entry& entry = entry_of(key);
    if (entry.key == 0) {
      entry = {key, -1};
      ++used_;
    }
    return entry.second;
  }
  // Brings the entry of a key that is looked up soon into the cache.
  void prefetch(std::uint64_t key) const {
    if (!entries_.empty()) __builtin_prefetch(&entries_[place_of(key)]);
  }
  void clear() {
    entries_.clear();
    used_ = 0;
  }

 private:
  struct Entry {
    std::uint64_t key = 0;  // 0: free
    std::int64_t second = 0;
  };
  std::size_t place_of(std::uint64_t key) const {
    const std::uint64_t hash = key * 0x9e37'79b9'7f4a'7c15;
    return (hash ^ (hash >> 32)) & (entries_.size() - 1);
  }
  Entry& entry_of(std::uint64_t key) {
    std::size_t at = place_of(key);
    while (entries_[at].key != 0 && entries_[at].key != key) at = (at + 1) & (entries_.size() - 1);
    return entries_[at];
  }
  void rebuild(std::int64_t oldest);

  std::vector<Entry> entries_;  // a power of two, at most half in use
  std::size_t used_ = 0;
};

}  // namespace tollgate::stores
