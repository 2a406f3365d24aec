// The audit log in admin.db.
#pragma once

#include <string>

#include "ports/audit_log.h"
#include "stores/sqlite/admin_database.h"

namespace tollgate::stores {

// Thread safety: all methods from any thread.
class SqliteAuditLog final : public ports::AuditLog {
 public:
  // `database` must outlive the log.
  explicit SqliteAuditLog(AdminDatabase& database) : database_(database) {}

  Result<void> append(const ports::AuditDraft& draft) override;
  Result<ports::AuditPage> list(const ports::AuditFilter& filter) override;
  Result<ports::AuditVerdict> verify() override;

  // Of a file, whether a server has it open or not. Errors as Database::open().
  static Result<ports::AuditVerdict> verify_file(const std::string& path);

 private:
  AdminDatabase& database_;
};

// Adds an entry, within the transaction of what it tells of. Null: nothing.
Result<void> append_audit(Database& database, const ports::AuditDraft* draft, WallTime now);

}  // namespace tollgate::stores
