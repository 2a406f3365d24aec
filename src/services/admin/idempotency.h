// Remembers Idempotency-Keys of creations for a day, so that a repeated POST makes nothing twice.
//
// The answer of a creation holds a secret, so it is not kept: a repetition learns the id of what was made and that the
// secret was in the first answer. In memory: a restart forgets. Bounded: the oldest go when 10,000 are known.
// Thread safety: any thread.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"

namespace tollgate::services {

class IdempotencyTable {
 public:
  static constexpr Seconds kRemembered{24 * 60 * 60};
  static constexpr std::size_t kMax = 10'000;

  struct Key {
    std::string caller;
    std::string text;
    auto operator<=>(const Key&) const = default;
  };

  // Nothing: it is new, go ahead and say made() or failed(). Else the id of what was made; empty while that is under
  // way.
  std::optional<std::string> begin(const Key& key, MonoTime now);
  void made(const Key& key, std::string id);
  void failed(const Key& key);
  std::size_t size() const;

 private:
  struct Entry {
    std::string id;
    MonoTime since{};
  };
  void make_room(MonoTime now);

  mutable std::mutex mutex_;
  std::map<Key, Entry> entries_;
};

}  // namespace tollgate::services
