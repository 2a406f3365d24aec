#include "stores/sqlite/blob_reader.h"

#include <sqlite3.h>

#include "stores/sqlite/sqlite_error.h"

namespace tollgate::stores {

void BlobReader::Close::operator()(sqlite3_blob* blob) const noexcept {
  sqlite3_blob_close(blob);
}

Result<bool> BlobReader::open(std::int64_t rowid) {
  int result = SQLITE_OK;
  if (blob_) {
    result = sqlite3_blob_reopen(blob_.get(), rowid);
  } else {
    sqlite3_blob* raw = nullptr;
    result = sqlite3_blob_open(database_.handle(), "main", column_.table, column_.column, rowid, 0, &raw);
    blob_.reset(raw);
  }
  if (result == SQLITE_OK) return true;
  Error error = sqlite_error(database_.handle(), result);
  close();
  // The table and the column are there, so that this can only mean the row.
  if (result == SQLITE_ERROR) return false;
  return std::unexpected(std::move(error));
}

std::size_t BlobReader::size() const {
  return static_cast<std::size_t>(sqlite3_blob_bytes(blob_.get()));
}

Result<void> BlobReader::read(std::size_t at, std::span<char> into) {
  const int result = sqlite3_blob_read(blob_.get(), into.data(), static_cast<int>(into.size()), static_cast<int>(at));
  if (result != SQLITE_OK) return std::unexpected(sqlite_error(database_.handle(), result));
  return {};
}

}  // namespace tollgate::stores
