// admin.db: the file that keys, tiers and users share. One connection that writes, one that reads, each under a mutex.
//
// A mutex rather than a thread for the writer: admin's calls block anyway, they come from a handful of threads, and
// what takes time is the fsync of the commit. Readers see the last commit and are not held up by a write.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <type_traits>

#include "base/clock.h"
#include "base/error.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/query_deadline.h"
#include "stores/sqlite/transaction.h"

namespace tollgate::stores {

// Thread safety: all methods from any thread. One process at a time opens it (the data directory is locked).
class AdminDatabase {
 public:
  // Migrates; a new file gets the whole schema. Errors as Database::open(). `clock` must outlive it.
  static Result<std::unique_ptr<AdminDatabase>> open(const std::string& path, const Clock& clock,
                                                     Millis busy_timeout = Millis(5000));

  // Runs `change(Database&)`, which returns a Result, in one transaction. Durable when this returns a value; after an
  // error nothing has changed.
  template <class Change>
  auto write(Change&& change) -> std::invoke_result_t<Change, Database&> {
    const std::lock_guard lock(writer_mutex_);
    TG_TRY(Transaction transaction, Transaction::begin(writer_));
    auto result = change(writer_);
    if (!result) return result;
    if (auto committed = transaction.commit(); !committed) return std::unexpected(std::move(committed).error());
    return result;
  }

  // Runs `query(Database&)`, which returns a Result, on one consistent state, for at most kQueryTime.
  template <class Query>
  auto read(Query&& query) -> std::invoke_result_t<Query, Database&> {
    const std::lock_guard lock(reader_mutex_);
    const QueryDeadline deadline(reader_, clock_, kQueryTime);
    TG_TRY(const Transaction snapshot, Transaction::begin_read(reader_));
    return query(reader_);
  }

  const Clock& clock() const { return clock_; }
  const std::string& path() const { return writer_.path(); }

 private:
  static constexpr Nanos kQueryTime = Seconds(2);

  AdminDatabase(Database writer, Database reader, const Clock& clock)
      : clock_(clock), writer_(std::move(writer)), reader_(std::move(reader)) {}

  const Clock& clock_;
  std::mutex writer_mutex_;
  Database writer_;
  std::mutex reader_mutex_;
  Database reader_;
};

}  // namespace tollgate::stores
