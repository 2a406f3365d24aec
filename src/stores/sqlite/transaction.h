// A write transaction that rolls back unless committed. BEGIN IMMEDIATE: the write lock is taken first, so a
// transaction never fails half-way because another connection wrote in between.
#pragma once

#include <utility>

#include "stores/sqlite/database.h"

namespace tollgate::stores {

// Thread safety: as its connection, which must outlive it and stay where it is. Transactions do not nest.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  // For readers: all queries until it ends see one state of the database. Needs no commit.
  static Result<Transaction> begin_read(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  // Durable when this returns without an error. After an error nothing of the transaction remains.
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace tollgate::stores
