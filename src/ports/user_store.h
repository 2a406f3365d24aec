// The people who run Tollgate. Blocking calls: from admin's own threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "ports/write_note.h"

namespace tollgate::ports {

struct User {
  std::string name;
  std::string password_hash;        // PHC string, Argon2id
  std::string role = "admin";       // viewer, operator, admin
  std::uint32_t token_version = 1;  // tokens of older versions are void: logout everywhere, password change
  WallTime created_at{};
  bool disabled = false;       // may not sign in
  std::uint64_t revision = 0;  // grows with each change; the store's business
};

struct UserWrite {
  std::string_view keep_session = {};                   // goes on whatever changes
  std::optional<std::uint64_t> expected_revision = {};  // 0: creates only, conflict when there is one
  WriteNote note = {};
};

struct UserFilter {
  std::string after;        // names behind this one
  std::size_t limit = 100;  // 1 … 1000
};

// Thread safety: all methods from any thread.
class UserStore {
 public:
  virtual ~UserStore() = default;
  virtual Result<std::optional<User>> find(const std::string& name) = 0;
  virtual Result<std::uint64_t> count() = 0;
  virtual Result<std::vector<User>> list(const UserFilter& filter) = 0;  // by name
  // Creates or replaces by name; the user as it is then. Another token_version than before ends every session of the
  // user but one. precondition_failed when another revision is there; last_admin when nobody would be left who is an
  // admin and may sign in.
  virtual Result<User> put(User user, const UserWrite& write) = 0;
  Result<User> put(User user) { return put(std::move(user), {}); }
  // With sessions and tokens. not_found, precondition_failed, last_admin.
  virtual Result<void> remove(const std::string& name, std::optional<std::uint64_t> expected_revision,
                              const WriteNote& note) = 0;
  // Ends every token and every session the user has. Returns the new version.
  virtual Result<std::uint32_t> bump_token_version(const std::string& name, const WriteNote& note) = 0;
  Result<std::uint32_t> bump_token_version(const std::string& name) { return bump_token_version(name, {}); }

  // One token (its `jti`) is void before it expires; remembered until then.
  virtual Result<void> revoke_token(const std::string& jti, WallTime expires_at, const WriteNote& note) = 0;
  Result<void> revoke_token(const std::string& jti, WallTime expires_at) { return revoke_token(jti, expires_at, {}); }
  virtual Result<bool> is_revoked(const std::string& jti) = 0;
};

}  // namespace tollgate::ports
