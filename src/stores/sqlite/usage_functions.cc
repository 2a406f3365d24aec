#include "stores/sqlite/usage_functions.h"

#include <sqlite3.h>

#include "core/usage/histogram.h"
#include "stores/sqlite/sqlite_error.h"

namespace tollgate::stores {
namespace {

std::string_view bytes_of(sqlite3_value* value) {
  const void* bytes = sqlite3_value_blob(value);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

// Copies before it returns: SQLITE_TRANSIENT, without the vendor's old-style cast.
const auto kCopy = reinterpret_cast<sqlite3_destructor_type>(std::intptr_t{-1});

void merge_latency(sqlite3_context* context, int, sqlite3_value** arguments) {
  core::Histogram merged = core::Histogram::parse(bytes_of(arguments[0])).value_or(core::Histogram{});
  if (!merged.merge_serialised(bytes_of(arguments[1]))) {
    sqlite3_result_error(context, "merge_latency: the added histogram is malformed", -1);
    return;
  }
  std::string bytes;
  merged.serialise(bytes);
  sqlite3_result_blob(context, bytes.data(), static_cast<int>(bytes.size()), kCopy);
}

}  // namespace

Result<void> register_usage_functions(Database& database) {
  const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  const int result =
      sqlite3_create_function(database.handle(), "merge_latency", 2, flags, nullptr, &merge_latency, nullptr, nullptr);
  if (result != SQLITE_OK) return std::unexpected(sqlite_error(database.handle(), result));
  return {};
}

}  // namespace tollgate::stores
