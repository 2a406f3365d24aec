#include "services/admin/key_secret.h"

#include "base/assert.h"
#include "base/random.h"
#include "crypto/secret_bytes.h"
#include "crypto/sha256.h"

namespace tollgate::services {

core::KeyId new_key_id() {
  const auto id = core::KeyId::parse(random_base62(10));
  TG_ASSERT(id.has_value());
  return *id;
}

NewSecret new_key_secret(core::KeyId id) {
  const std::string secret = random_base62(core::kKeySecretLength);
  NewSecret made;
  made.api_key = core::format_api_key({.prefix = kKeyPrefix, .env = kKeyEnv, .id = id.view(), .secret = secret});
  made.stored.hash = crypto::sha256(secret);
  made.stored.last4 = made.api_key.substr(made.api_key.size() - 4);
  return made;
}

bool secret_matches(const core::KeyRecord& record, const core::ApiKeyText& text, WallTime now) {
  const core::SecretHash presented = crypto::sha256(text.secret);
  bool matches = false;
  for (const core::KeySecret& secret : record.secrets) {
    const bool in_time = !secret.valid_until || now < *secret.valid_until;
    matches |= crypto::constant_time_equal(secret.hash, presented) && in_time;
  }
  return matches;
}

}  // namespace tollgate::services
