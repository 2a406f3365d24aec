// The sessions of browsers in admin.db. The secret that a browser holds is nowhere in it, only its SHA-256.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ports/session_store.h"
#include "stores/sqlite/admin_database.h"

namespace tollgate::stores {

// Thread safety: all methods from any thread.
class SqliteSessionStore final : public ports::SessionStore {
 public:
  // `database` must outlive the store.
  explicit SqliteSessionStore(AdminDatabase& database) : database_(database) {}

  using ports::SessionStore::add;
  using ports::SessionStore::end;
  using ports::SessionStore::end_all;
  Result<void> add(const ports::Session& session, const ports::WriteNote& note) override;
  Result<std::optional<ports::Session>> find(const ports::Session::Digest& secret_hash) override;
  Result<std::vector<ports::Session>> list(const std::string& user) override;
  Result<void> touch(const std::string& id, WallTime seen_at) override;
  Result<bool> end(const std::string& user, const std::string& id, const ports::WriteNote& note) override;
  Result<void> end_all(const std::string& user, std::string_view keep, const ports::WriteNote& note) override;

 private:
  AdminDatabase& database_;
};

struct SessionsToEnd {
  std::string_view user;
  std::string_view keep;  // empty: none
};
// Within the transaction of what ends them.
Result<void> end_sessions(Database& database, const SessionsToEnd& which);

}  // namespace tollgate::stores
