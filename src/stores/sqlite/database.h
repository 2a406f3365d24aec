// One connection to one SQLite file, set up the one way this project uses it: write-ahead log, synchronous=FULL (what
// is committed survives a power cut), foreign keys on, mode 0600, a bounded wait for locks.
//
// Writers: one connection per file and process, used by one thread at a time, BEGIN IMMEDIATE (see transaction.h).
// Readers: further connections with `reader` set; they see the last commit and never block the writer.
//
// Thread safety: none; a connection and its statements belong to one thread at a time. SQL text is always a constant of
// the program; values are bound, never pasted in.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "stores/sqlite/migration.h"
#include "stores/sqlite/statement.h"

struct sqlite3;

namespace tollgate::stores {

struct DatabaseOptions {
  std::span<const Migration> migrations = {};  // applied at open; ignored by readers
  bool reader = false;                         // refuses every write; the file must exist
  Millis busy_timeout{5000};                   // how long a statement waits for another connection's lock
};

class Database {
 public:
  // Creates the file when it is missing (not for readers). After an unclean stop, seen by a write-ahead log that was
  // left behind, the whole file is checked. Errors: data_dir_unusable, store_corrupt, store_unavailable, io_failed.
  static Result<Database> open(const std::string& path, const DatabaseOptions& options);

  Result<Statement> prepare(std::string_view sql);
  // Runs one or more statements that need no values and give no rows.
  Result<void> execute(std::string_view sql);
  // The first column of the first row as an integer; 0 when there is no row.
  Result<std::int64_t> query_int(std::string_view sql);

  // Rows that the last INSERT, UPDATE or DELETE changed.
  std::int64_t changed_rows() const;
  std::int64_t last_insert_rowid() const;
  // Takes at most so many free pages off the file's end. In a transaction of its own; the file itself shrinks when the
  // write-ahead log is moved into it.
  Result<void> vacuum(std::uint64_t pages);
  // Moves the write-ahead log into the file and empties it. Not while requests wait: it fsyncs.
  Result<void> checkpoint();

  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const noexcept;
  };
  explicit Database(std::string path) : path_(std::move(path)) {}
  Result<void> configure(const DatabaseOptions& options);
  Result<void> check_integrity();

  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace tollgate::stores
