// Finds the API key a request carries, checks it, and makes sure that it goes no further.
#pragma once

#include "base/error_code.h"
#include "codec/http1/head.h"
#include "ports/key_directory.h"

namespace tollgate::services {

// What the request path keeps of a key: a copy, so that nothing of the directory is pinned while a request waits.
struct Caller {
  core::KeyId id;            // empty: none
  std::uint64_t number = 0;  // core::key_number(id)
  core::NameRef tier = 0;
  core::NameRef consumer = 0;
  Hash128 bucket;
  core::TokenBucket rule;
  WallTime created{};
};

struct CredentialResult {
  const ErrorCode* refused = nullptr;  // unauthenticated, key_disabled, ambiguous_credential, store_unavailable
  Caller caller;
};

// Looks for X-API-Key, then for Authorization: Bearer with something in the form of an API key, and marks that field as
// not to be forwarded. An Authorization that is not ours is left alone. Does not look anything up.
struct FoundCredential {
  std::string_view text;  // empty: none
  bool ambiguous = false;
};
FoundCredential take_credential(codec::RequestHead& head, std::string_view bytes);

struct CredentialTime {
  WallTime now;
  MonoTime mono;
  Nanos max_stale;  // keys that have not been confirmed for longer say nothing
};

// ~0.4 µs, the same work for a key that does not exist. No allocation, no store call.
CredentialResult check_credential(std::string_view text, const ports::KeyDirectory& keys, const CredentialTime& time);

}  // namespace tollgate::services
