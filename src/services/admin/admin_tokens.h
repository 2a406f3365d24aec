// The bearer tokens of people who are logged in: 15 minutes, signed, and void before that after a logout, a change of
// the password or of the role.
//
// Thread safety: any thread. check() asks the user store: from a thread that may block.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "codec/jwt/jwt.h"
#include "ports/user_store.h"
#include "services/admin/admin_caller.h"

namespace tollgate::services {

class AdminTokens {
 public:
  static constexpr Seconds kLifetime{15 * 60};
  static constexpr Seconds kLeeway{5};  // the wall clock may be set back a little after a token was issued
  static constexpr std::string_view kIssuer = "tollgate";
  static constexpr std::string_view kAudience = "tollgate-admin";

  // weak_secret when `secret` is too short or plainly typed.
  static Result<AdminTokens> make(const std::string& secret, ports::UserStore& users, const Clock& clock);

  std::string issue(const ports::User& user) const;
  Result<AdminCaller> check(std::string_view token) const;  // unauthenticated_admin
  Result<void> revoke(const AdminCaller& caller) const;

 private:
  AdminTokens(codec::JwtCodec codec, ports::UserStore& users, const Clock& clock)
      : codec_(std::move(codec)), users_(&users), clock_(&clock) {}

  codec::JwtCodec codec_;
  ports::UserStore* users_;
  const Clock* clock_;
};

}  // namespace tollgate::services
