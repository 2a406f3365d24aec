// All that is known of one API key, except its secret: that is shown once and kept only as a hash.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/access/api_key.h"
#include "core/limit/token_bucket.h"

namespace tollgate::core {

using SecretHash = std::array<std::uint8_t, 32>;  // SHA-256 of the secret part

struct KeySecret {
  SecretHash hash{};
  std::string last4;                    // the last four characters of the whole key, for lists
  std::optional<WallTime> valid_until;  // set on the old secret while a rotation's grace lasts
};

enum class KeyState : std::uint8_t { active, disabled };

struct KeyRecord {
  KeyId id;
  std::string name;      // 1 … 200 bytes UTF-8, for people
  std::string prefix;    // "tg_live"
  std::string tier;      // name of an existing tier
  std::string consumer;  // to whom it belongs, for reports and bills; 0 … 200 bytes UTF-8; empty: not said
  // Numbers of this key alone; where absent the tier's apply.
  std::optional<TokenBucketSpec> limit;
  KeyState state = KeyState::active;
  WallTime created_at{};
  WallTime updated_at{};
  std::optional<WallTime> expires_at;
  std::vector<KeySecret> secrets;  // 1, or 2 during a rotation; newest first
  // Grows when the effective limit's numbers change; part of the bucket's identity.
  std::uint32_t limit_revision = 0;
  // The store's change counter at this key's last change: ETag, and the feed's order.
  std::uint64_t revision = 0;
};

}  // namespace tollgate::core
