// JSON Web Tokens for the people and programs that administer Tollgate: HS256 only, read strictly (RFC 7519, RFC 8725).
//
// The algorithm is this class, not the token's choice. Refused besides a wrong signature: any other `alg`, any header
// member but alg, typ and kid, duplicate or unknown members, anything that is not canonical base64url, times that are
// no whole numbers below 2⁵³, lifetimes beyond the cap, tokens beyond 8 KiB.
//
// Thread safety: const methods from any thread. `now` is an argument.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace tollgate::codec {

struct JwtClaims {
  std::string sub;   // user name, 1 … 200 bytes
  std::string role;  // 1 … 40 bytes
  std::string jti;   // unique per token, 1 … 64 bytes
  std::string iss;   // filled in by sign()
  std::string aud;   // filled in by sign()
  WallTime iat{};    // whole seconds; sign() drops the rest
  WallTime exp{};
  std::uint32_t ver = 0;  // the user's token_version
  bool operator==(const JwtClaims&) const = default;
};

struct JwtKey {
  std::string kid;     // 1 … 64 of [A-Za-z0-9._-]
  std::string secret;  // at least 32 random bytes
};

struct JwtRules {
  std::string issuer;
  std::string audience;
  Seconds leeway{30};                  // for clocks that differ, 0 … 60
  Seconds max_lifetime{24 * 60 * 60};  // exp - iat
};

class JwtCodec {
 public:
  // The first key signs; the others still verify, so that keys can be changed. Fails with weak_secret, or with
  // config_invalid when kids or rules are out of range.
  static Result<JwtCodec> make(std::vector<JwtKey> keys, JwtRules rules);

  std::string sign(const JwtClaims& claims) const;
  // Fails with unauthenticated_admin. The detail says why; nothing of the token is believed before its signature is.
  Result<JwtClaims> verify(std::string_view token, WallTime now) const;

 private:
  JwtCodec(std::vector<JwtKey> keys, JwtRules rules) : keys_(std::move(keys)), rules_(std::move(rules)) {}
  const JwtKey* find_key(std::string_view kid) const;
  Result<const JwtKey*> read_header(std::string_view segment) const;
  Result<JwtClaims> read_claims(std::string_view segment) const;
  Result<void> check_claims(const JwtClaims& claims, WallTime now) const;

  std::vector<JwtKey> keys_;
  JwtRules rules_;
};

}  // namespace tollgate::codec
