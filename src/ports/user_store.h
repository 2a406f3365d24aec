// The people who run Tollgate. Blocking calls: from admin's own threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace tollgate::ports {

struct User {
  std::string name;
  std::string password_hash;        // PHC string, Argon2id
  std::string role = "admin";       // viewer, operator, admin
  std::uint32_t token_version = 1;  // tokens of older versions are void: logout everywhere, password change
  WallTime created_at{};
};

// Thread safety: all methods from any thread.
class UserStore {
 public:
  virtual ~UserStore() = default;
  virtual Result<std::optional<User>> find(const std::string& name) = 0;
  virtual Result<std::uint64_t> count() = 0;
  // Creates or replaces by name. Another token_version than before ends every session of the user but `keep_session`.
  virtual Result<void> put(const User& user, std::string_view keep_session) = 0;
  Result<void> put(const User& user) { return put(user, {}); }
  // Ends every token and every session the user has. Returns the new version.
  virtual Result<std::uint32_t> bump_token_version(const std::string& name) = 0;

  // One token (its `jti`) is void before it expires; remembered until then.
  virtual Result<void> revoke_token(const std::string& jti, WallTime expires_at) = 0;
  virtual Result<bool> is_revoked(const std::string& jti) = 0;
};

}  // namespace tollgate::ports
