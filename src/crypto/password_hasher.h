// Password hashes: Argon2id in PHC strings ("$argon2id$v=19$m=19456,t=2,p=1$…").
//
// One hash costs about 30 ms of a core and 19 MiB, so an unbounded login would be a way to take the server down: two
// run at a time, sixteen wait, more fail with busy at once. Calls block: never from a worker that carries requests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/gate.h"

namespace tollgate::crypto {

struct PasswordCost {
  std::uint32_t memory_kib = 19 * 1024;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
};

struct PasswordHash {
  std::string phc;
};

// Thread safety: all methods from any thread.
class PasswordHasher {
 public:
  explicit PasswordHasher(PasswordCost cost = {}, GateSize gate = {});

  Result<PasswordHash> hash(std::string_view password);  // busy
  // Fails with busy, or with internal when `stored` is no Argon2id hash.
  Result<bool> verify(std::string_view password, const PasswordHash& stored);
  // For a user who does not exist: the same work, and always false, so that time tells nothing about who does.
  Result<bool> verify_nobody(std::string_view password);
  // True when `stored` was made at another cost; hash again at the next login that succeeds.
  bool is_outdated(const PasswordHash& stored) const;

 private:
  PasswordCost cost_;
  PasswordHash nobody_;
  Gate gate_;
};

}  // namespace tollgate::crypto
