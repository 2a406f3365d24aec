#include "stores/sqlite/transaction.h"

#include <sqlite3.h>

namespace tollgate::stores {
namespace {

void roll_back(const Database& database) {
  // Some errors have rolled back already; then there is nothing to do, and asking again would only report that.
  if (sqlite3_get_autocommit(database.handle()) != 0) return;
  sqlite3_exec(database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace

Result<Transaction> Transaction::begin(Database& database) {
  if (auto begun = database.execute("BEGIN IMMEDIATE"); !begun) return std::unexpected(std::move(begun).error());
  return Transaction(database);
}

Result<Transaction> Transaction::begin_read(Database& database) {
  if (auto begun = database.execute("BEGIN DEFERRED"); !begun) return std::unexpected(std::move(begun).error());
  return Transaction(database);
}

Result<void> Transaction::commit() {
  Database& database = *std::exchange(database_, nullptr);
  auto committed = database.execute("COMMIT");
  if (!committed) roll_back(database);
  return committed;
}

Transaction::~Transaction() {
  if (database_ != nullptr) roll_back(*database_);
}

}  // namespace tollgate::stores
