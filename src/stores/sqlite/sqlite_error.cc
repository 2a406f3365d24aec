#include "stores/sqlite/sqlite_error.h"

#include <sqlite3.h>

#include "base/str.h"

namespace tollgate::stores {
namespace {

struct Reading {
  const ErrorCode& code;
  std::string_view advice;
};

Reading read_result_code(int primary) {
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {codes::store_unavailable, "another process keeps it locked; stop that process or wait"};
    case SQLITE_FULL: return {codes::store_unavailable, "the disk is full; free some space, nothing was half written"};
    case SQLITE_INTERRUPT: return {codes::store_unavailable, "the query took longer than its deadline; ask for less"};
    case SQLITE_READONLY:
      return {codes::store_unavailable, "it cannot be written; check its owner, its mode and the mount"};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {codes::data_dir_unusable, "it cannot be opened; check that the directory exists and may be written"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return {
          codes::store_corrupt,
          "the file is damaged; stop Tollgate, move it and its -wal and -shm away, and restore a backup in its place"};
    case SQLITE_IOERR: return {codes::io_failed, "reading or writing failed; check the disk and the system log"};
    case SQLITE_CONSTRAINT: return {codes::conflict, "a rule of the schema was broken"};
    default: return {codes::internal, "unexpected result"};
  }
}

}  // namespace

Error sqlite_error(sqlite3* db, int result_code) {
  const Reading reading = read_result_code(result_code & 0xff);
  const char* path = db == nullptr ? nullptr : sqlite3_db_filename(db, "main");
  const bool has_path = path != nullptr && *path != '\0';
  // The connection's message is of its latest call; it is more exact than the code's when the two agree.
  const bool same = db != nullptr && (sqlite3_extended_errcode(db) & 0xff) == (result_code & 0xff);
  const char* reason = same ? sqlite3_errmsg(db) : sqlite3_errstr(result_code);
  return Error(reading.code,
               str::cat(has_path ? path : "SQLite", ": ", reading.advice, " (", reason, ", ", result_code, ")"));
}

}  // namespace tollgate::stores
