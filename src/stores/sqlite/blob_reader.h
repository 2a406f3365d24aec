// Reads pieces of one column's large values without loading the rest of them.
//
// Between open() and close() the connection's read transaction stays open, whatever else happens to it.
// Thread safety: as its connection, which must outlive it and stay where it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "stores/sqlite/database.h"

struct sqlite3_blob;

namespace tollgate::stores {

// Both are constants of the program.
struct BlobColumn {
  const char* table = nullptr;
  const char* column = nullptr;
};

class BlobReader {
 public:
  BlobReader(Database& database, const BlobColumn& column) : database_(database), column_(column) {}

  // False when there is no such row.
  Result<bool> open(std::int64_t rowid);
  // Of the value that is open.
  std::size_t size() const;
  // Bytes from `at` on; they must be within size().
  Result<void> read(std::size_t at, std::span<char> into);
  void close() { blob_.reset(); }

 private:
  struct Close {
    void operator()(sqlite3_blob* blob) const noexcept;
  };

  Database& database_;
  BlobColumn column_;
  std::unique_ptr<sqlite3_blob, Close> blob_;
};

}  // namespace tollgate::stores
