// Keys and tiers as documents: what callers send, checked member by member, and what they get. No document holds a
// secret or its hash; the answer to creating or rotating a key adds the key's text.
//
// Pure. Thread safety: any.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "codec/json/value.h"
#include "codec/json/writer.h"
#include "core/access/key_record.h"
#include "core/policy/tier.h"
#include "services/admin/limits_json.h"

namespace tollgate::services {

// POST and PUT. Absent numbers are the tier's.
struct KeyDocument {
  std::optional<std::string> name;
  std::optional<std::string> tier;
  std::optional<std::string> consumer;
  LimitNumbers limit;
  std::optional<WallTime> expires_at;
  std::optional<core::KeyState> state;  // PUT only
};

// A member's fate in a merge patch: absent leaves it, null removes it.
template <class T>
struct Patch {
  bool present = false;
  std::optional<T> value;
};

struct KeyPatch {
  std::optional<std::string> name, tier;
  std::optional<core::KeyState> state;
  Patch<std::uint64_t> refill_micro, max_burst, tokens_per_window;
  Patch<WallTime> expires_at;
  Patch<std::string> consumer;
};

struct TierDocument {
  std::string name;  // in lower case; POST only
  std::optional<std::string> title;
  core::TokenBucketSpec limit;
};

Result<KeyDocument> read_new_key(const codec::JsonValue& document, WallTime now);
Result<KeyDocument> read_key_replacement(const codec::JsonValue& document);
Result<KeyPatch> read_key_patch(const codec::JsonValue& document);
Result<TierDocument> read_new_tier(const codec::JsonValue& document);
Result<TierDocument> read_tier_replacement(const codec::JsonValue& document);

// The members of a key, into an object that is open. `tier` is the key's own.
void write_key_members(codec::JsonWriter& json, const core::KeyRecord& key, const core::Tier& tier);
void write_tier(codec::JsonWriter& json, const core::Tier& tier);

}  // namespace tollgate::services
