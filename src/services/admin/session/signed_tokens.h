// The bearer tokens of people who are logged in, as far as the token itself goes: signature, times, issuer, audience
// and a role that exists. That is all a service can know which runs apart from admin; whether the user has logged out
// meanwhile or has another role now, only admin knows (admin_tokens.h).
//
// Thread safety: any thread; does not block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "codec/jwt/jwt.h"
#include "ports/user_store.h"
#include "services/admin/session/admin_caller.h"

namespace tollgate::services {

class SignedTokens {
 public:
  static constexpr Seconds kLifetime{15 * 60};
  static constexpr Seconds kLeeway{5};  // the wall clock may be set back a little after a token was issued
  static constexpr std::string_view kIssuer = "tollgate";
  static constexpr std::string_view kAudience = "tollgate-admin";

  struct Read {
    AdminCaller caller;
    std::uint32_t version = 0;  // the user's token_version when it was issued
  };

  // weak_secret when `secret` is too short or plainly typed. `clock` outlives this.
  static Result<SignedTokens> make(const std::string& secret, const Clock& clock);

  std::string issue(const ports::User& user) const;
  Result<Read> read(std::string_view token) const;  // unauthenticated_admin, without saying why

 private:
  SignedTokens(codec::JwtCodec codec, const Clock& clock) : codec_(std::move(codec)), clock_(&clock) {}

  codec::JwtCodec codec_;
  const Clock* clock_;
};

}  // namespace tollgate::services
