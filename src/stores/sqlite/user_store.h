// Users and early-ended tokens in admin.db.
#pragma once

#include <string>
#include <string_view>

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
  Result<void> put(const ports::User& user, std::string_view keep_session) override;
  // Fails with not_found when there is no such user.
  Result<std::uint32_t> bump_token_version(const std::string& name) override;

  // Forgets on the way those that have expired.
  Result<void> revoke_token(const std::string& jti, WallTime expires_at) override;
  Result<bool> is_revoked(const std::string& jti) override;

 private:
  AdminDatabase& database_;
};

}  // namespace tollgate::stores
