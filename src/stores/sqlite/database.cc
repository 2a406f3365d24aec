#include "stores/sqlite/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"
#include "stores/sqlite/sqlite_error.h"

namespace tollgate::stores {
namespace {

// SQLite gives its -wal and -shm the mode of the file itself, so making the file first settles all three.
Result<void> make_private_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd || ::fchmod(fd.get(), 0600) != 0) {
    return fail(codes::data_dir_unusable, str::cat("cannot open ", path, ": ", system_error_text()));
  }
  return {};
}

// A connection that is closed in order removes its write-ahead log.
bool was_stopped_uncleanly(const std::string& path) {
  struct stat status{};
  return ::stat((path + "-wal").c_str(), &status) == 0 && status.st_size > 0;
}

}  // namespace

void Database::Close::operator()(sqlite3* db) const noexcept {
  sqlite3_close_v2(db);  // waits for statements that outlive their connection
}

Result<Database> Database::open(const std::string& path, const DatabaseOptions& options) {
  if (!options.reader) {
    if (auto made = make_private_file(path); !made) return std::unexpected(std::move(made).error());
  }
  const bool unclean = !options.reader && was_stopped_uncleanly(path);

  Database database(path);
  sqlite3* raw = nullptr;
  // Readers open for writing too: reading a write-ahead log takes marks in the -shm file. query_only holds them back.
  const int result = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  database.handle_.reset(raw);
  if (result != SQLITE_OK) {
    return std::unexpected(sqlite_error(nullptr, result).while_doing(str::cat("opening ", path)));
  }
  if (auto ready = database.configure(options); !ready) return std::unexpected(std::move(ready).error());
  if (unclean) {
    if (auto sound = database.check_integrity(); !sound) return std::unexpected(std::move(sound).error());
  }
  if (!options.reader) {
    if (auto done = migrate(database, options.migrations); !done) return std::unexpected(std::move(done).error());
  }
  return database;
}

Result<void> Database::configure(const DatabaseOptions& options) {
  sqlite3_extended_result_codes(handle_.get(), 1);
  sqlite3_busy_timeout(handle_.get(), static_cast<int>(options.busy_timeout.count()));
  // No SQL of ours needs what these forbid: damage to the file through SQL, functions run by a doctored schema.
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (options.reader) return execute("PRAGMA query_only = ON");
  // auto_vacuum has an effect only while the file is new and empty, so it stands before the switch to a log.
  return execute(
      "PRAGMA auto_vacuum = INCREMENTAL;"
      "PRAGMA journal_mode = WAL;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA journal_size_limit = 16777216;"  // what a long read made the log grow to is given back
      "PRAGMA foreign_keys = ON;"
      "PRAGMA cell_size_check = ON;");
}

Result<void> Database::check_integrity() {
  TG_TRY(Statement check, prepare("PRAGMA quick_check(1)"));
  TG_TRY(const bool found, check.step());
  const std::string verdict(found ? check.text(0) : "no answer");
  check.reset();
  if (verdict == "ok") return {};
  return fail(codes::store_corrupt,
              str::cat(path_, ": the file is damaged (", verdict,
                       "); stop Tollgate, move it and its -wal and -shm away, and restore a backup in its place"));
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int result = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (result != SQLITE_OK) return std::unexpected(sqlite_error(handle_.get(), result));
  return Statement(raw);
}

Result<void> Database::execute(std::string_view sql) {
  const std::string text(sql);
  const int result = sqlite3_exec(handle_.get(), text.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return std::unexpected(sqlite_error(handle_.get(), result));
  return {};
}

Result<std::int64_t> Database::query_int(std::string_view sql) {
  TG_TRY(Statement statement, prepare(sql));
  TG_TRY(const bool found, statement.step());
  return found ? statement.integer(0) : 0;
}

std::int64_t Database::changed_rows() const {
  return sqlite3_changes64(handle_.get());
}
std::int64_t Database::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(handle_.get());
}
Result<void> Database::vacuum(std::uint64_t pages) {
  return execute(str::cat("PRAGMA incremental_vacuum(", pages, ")"));
}
Result<void> Database::checkpoint() {
  return execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace tollgate::stores
