#include "stores/sqlite/statement.h"

#include <sqlite3.h>

#include "base/assert.h"
#include "stores/sqlite/sqlite_error.h"

namespace tollgate::stores {
namespace {

std::string_view view(const void* bytes, int size) {
  return bytes == nullptr ? std::string_view{}
                          : std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Result<bool> Statement::step() {
  const int bound = std::exchange(bind_error_, SQLITE_OK);
  const int result = bound != SQLITE_OK ? bound : sqlite3_step(handle_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    sqlite3_reset(handle_.get());
    return false;
  }
  Error error = sqlite_error(sqlite3_db_handle(handle_.get()), result);
  sqlite3_reset(handle_.get());
  return std::unexpected(std::move(error));
}

Result<void> Statement::run_bound() {
  return each([](const Statement&) {});
}

void Statement::reset() noexcept {
  sqlite3_reset(handle_.get());
}

void Statement::note(int result_code) {
  // A wrong index, or a statement that was not reset, is a mistake in the caller.
  TG_ASSERT(result_code != SQLITE_RANGE && result_code != SQLITE_MISUSE);
  if (result_code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = result_code;
}

void Statement::bind_integer(int index, std::int64_t value) {
  note(sqlite3_bind_int64(handle_.get(), index, value));
}
void Statement::bind_null(int index) {
  note(sqlite3_bind_null(handle_.get(), index));
}
void Statement::bind_one(int index, double value) {
  note(sqlite3_bind_double(handle_.get(), index, value));
}

// SQLITE_TRANSIENT is written with an old-style cast in the vendor's header; this is its documented value.
static const auto kCopyBytes = reinterpret_cast<sqlite3_destructor_type>(std::intptr_t{-1});

void Statement::bind_one(int index, std::string_view text) {
  const char* bytes = text.data() == nullptr ? "" : text.data();  // a null pointer would mean NULL
  note(sqlite3_bind_text64(handle_.get(), index, bytes, text.size(), kCopyBytes, SQLITE_UTF8));
}

void Statement::bind_one(int index, Blob blob) {
  const char* bytes = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
  note(sqlite3_bind_blob64(handle_.get(), index, bytes, blob.bytes.size(), kCopyBytes));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}
std::uint64_t Statement::unsigned_integer(int column) const {
  return static_cast<std::uint64_t>(integer(column));
}
double Statement::real(int column) const {
  return sqlite3_column_double(handle_.get(), column);
}

std::string_view Statement::text(int column) const {
  const void* bytes = sqlite3_column_text(handle_.get(), column);
  return view(bytes, sqlite3_column_bytes(handle_.get(), column));
}

std::string_view Statement::blob(int column) const {
  const void* bytes = sqlite3_column_blob(handle_.get(), column);
  return view(bytes, sqlite3_column_bytes(handle_.get(), column));
}

}  // namespace tollgate::stores
