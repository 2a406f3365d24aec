// Every API key, in memory, as the request path needs it: found without a lock, a store call or an allocation.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/hash.h"
#include "core/access/api_key.h"
#include "core/access/key_record.h"
#include "core/limit/token_bucket.h"
#include "core/usage/names.h"

namespace tollgate::ports {

// What a tier's keys have in common; shared by their entries.
struct TierEntry {
  std::string name;
  core::NameRef ref = 0;
  core::TokenBucket rule;
};

// One key. Immutable; a change makes a new one.
struct KeyEntry {
  core::KeyId id;
  core::KeyState state = core::KeyState::active;
  std::uint8_t secret_count = 1;
  std::array<core::SecretHash, 2> secrets{};  // newest first
  std::uint32_t limit_revision = 0;           // the record's; with the tier's it makes the bucket's identity
  WallTime old_secret_until{};                // the second secret's end
  WallTime expires_at = WallTime::max();
  WallTime created_at{};
  core::NameRef consumer = 0;               // to whom it belongs; 0: not said
  Hash128 bucket;                           // identity of the key's own bucket, with its limit revision
  const core::TokenBucket* rule = nullptr;  // own_rule, or the tier's
  std::unique_ptr<const core::TokenBucket> own_rule;
  std::shared_ptr<const TierEntry> tier;

  enum class Check : std::uint8_t { valid, wrong_secret, disabled, expired };
  // Compares in constant time, whatever the state; a wrong secret is reported before anything about the key.
  Check check(const core::SecretHash& presented, WallTime now) const;
};

// Thread safety: all methods from any thread.
class KeyDirectory {
 public:
  virtual ~KeyDirectory() = default;
  // nullptr when there is none. The entry lives as long as the caller's RcuReadGuard.
  virtual const KeyEntry* find(core::KeyId id) const = 0;
  // False until the first full load: then nobody may be told that a key is unknown.
  virtual bool ready() const = 0;
  // How long ago it was last known to be up to date; Nanos::max() until the first full load.
  virtual Nanos staleness(MonoTime now) const = 0;
  virtual std::size_t size() const = 0;
  // Up to which of admin's changes it is: goes into each decision's record. The low 32 bits of the revision.
  virtual std::uint32_t generation() const = 0;
};

}  // namespace tollgate::ports
