// Users and early-ended tokens in admin.db.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ports/user_store.h"
#include "stores/sqlite/admin_database.h"

namespace tollgate::stores {

// Thread safety: all methods from any thread.
class SqliteUserStore final : public ports::UserStore {
 public:
  // `database` must outlive the store.
  explicit SqliteUserStore(AdminDatabase& database) : database_(database) {}

  Result<std::optional<ports::User>> find(const std::string& name) override;
  Result<std::uint64_t> count() override;
  using ports::UserStore::put;
  Result<std::vector<ports::User>> list(const ports::UserFilter& filter) override;
  Result<ports::User> put(ports::User user, const ports::UserWrite& write) override;
  Result<void> remove(const std::string& name, std::optional<std::uint64_t> expected_revision,
                      const ports::WriteNote& note) override;
  // Fails with not_found when there is no such user.
  using ports::UserStore::bump_token_version;
  Result<std::uint32_t> bump_token_version(const std::string& name, const ports::WriteNote& note) override;

  // Forgets on the way those that have expired.
  using ports::UserStore::revoke_token;
  Result<void> revoke_token(const std::string& jti, WallTime expires_at, const ports::WriteNote& note) override;
  Result<bool> is_revoked(const std::string& jti) override;

 private:
  AdminDatabase& database_;
};

}  // namespace tollgate::stores
