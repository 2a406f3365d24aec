// The bearer tokens of people who are logged in, where their users are known: void before their 15 minutes are over
// after a logout, a change of the password or of the role.
//
// Thread safety: any thread. check() asks the user store: from a thread that may block.
#pragma once

#include <string>
#include <string_view>

#include "services/admin/session/signed_tokens.h"

namespace tollgate::services {

class AdminTokens {
 public:
  // weak_secret when `secret` is too short or plainly typed.
  static Result<AdminTokens> make(const std::string& secret, ports::UserStore& users, const Clock& clock);

  std::string issue(const ports::User& user) const { return signed_.issue(user); }
  Result<AdminCaller> check(std::string_view token) const;  // unauthenticated_admin
  Result<void> revoke(const AdminCaller& caller, const ports::WriteNote& note) const;

 private:
  AdminTokens(SignedTokens tokens, ports::UserStore& users) : signed_(std::move(tokens)), users_(&users) {}

  SignedTokens signed_;
  ports::UserStore* users_;
};

}  // namespace tollgate::services
