#include "services/gateway/credential.h"

#include "base/rcu.h"
#include "base/str.h"
#include "core/usage/key_number.h"
#include "crypto/sha256.h"

namespace tollgate::services {
namespace {

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size() || !str::iequals(authorization.substr(0, kScheme.size()), kScheme))
    return {};
  return str::trim(authorization.substr(kScheme.size()));
}

}  // namespace

FoundCredential take_credential(codec::RequestHead& head, std::string_view bytes) {
  FoundCredential found;
  for (codec::HeaderField& field : head.fields) {
    if (field.id == codec::HeaderId::x_api_key) {
      field.drop = true;
      if (!found.text.empty()) found.ambiguous = true;
      found.text = field.value(bytes);
    } else if (field.id == codec::HeaderId::authorization) {
      const std::string_view token = bearer_token(field.value(bytes));
      if (!core::parse_api_key(token)) continue;
      field.drop = true;
      if (!found.text.empty()) found.ambiguous = true;
      found.text = token;
    }
  }
  return found;
}

CredentialResult check_credential(std::string_view text, const ports::KeyDirectory& keys, const CredentialTime& time) {
  CredentialResult result;
  const auto parts = core::parse_api_key(text);
  if (!parts) {
    result.refused = &codes::unauthenticated;
    return result;
  }
  // A key may have been revoked meanwhile, or made: neither yes nor no is known.
  if (keys.staleness(time.mono) > time.max_stale) {
    result.refused = &codes::store_unavailable;
    return result;
  }
  const core::SecretHash presented = crypto::sha256(parts->secret);
  const RcuReadGuard guard;
  const ports::KeyEntry* entry = keys.find(parts->id);
  if (entry == nullptr) {
    result.refused = &codes::unauthenticated;
    return result;
  }
  switch (entry->check(presented, time.now)) {
    case ports::KeyEntry::Check::wrong_secret: result.refused = &codes::unauthenticated; return result;
    case ports::KeyEntry::Check::disabled:
    case ports::KeyEntry::Check::expired: result.refused = &codes::key_disabled; return result;
    case ports::KeyEntry::Check::valid: break;
  }
  result.caller = {.id = entry->id,
                   .number = core::key_number(entry->id),
                   .tier = entry->tier ? entry->tier->ref : 0,
                   .consumer = entry->consumer,
                   .bucket = entry->bucket,
                   .rule = *entry->rule,
                   .created = entry->created_at};
  return result;
}

}  // namespace tollgate::services
