#include "stores/sqlite/admin_database.h"

namespace tollgate::stores {

Result<std::unique_ptr<AdminDatabase>> AdminDatabase::open(const std::string& path, const Clock& clock,
                                                           Millis busy_timeout) {
  TG_TRY(Database writer, Database::open(path, {.migrations = admin_migrations(), .busy_timeout = busy_timeout}));
  TG_TRY(Database reader, Database::open(path, {.reader = true, .busy_timeout = busy_timeout}));
  return std::unique_ptr<AdminDatabase>(new AdminDatabase(std::move(writer), std::move(reader), clock));
}

}  // namespace tollgate::stores
