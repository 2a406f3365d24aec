// Numbered, forward-only steps that bring a database file to the schema this binary speaks.
//
// They stand in migrations/sqlite/<database>/NNNN_name.sql and are compiled in. A file's `user_version` is the number
// of the last step applied. Each step commits together with its number, so a crash leaves the old schema or the new.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"

namespace tollgate::stores {

class Database;

struct Migration {
  std::uint32_t number;   // 1, 2, 3, … without gaps
  std::string_view name;  // "0001_keys"
  std::string_view sql;
};

// Does nothing when the file is up to date. A file newer than this binary is refused with data_dir_unusable.
Result<void> migrate(Database& database, std::span<const Migration> migrations);

// Generated from migrations/sqlite/admin/.
std::span<const Migration> admin_migrations();

}  // namespace tollgate::stores
