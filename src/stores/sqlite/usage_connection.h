// Connections that answer questions about usage.db: each query takes one from a small pool and has five seconds.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/usage/rollup.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/query_deadline.h"

namespace tollgate::stores {

inline constexpr Millis kUsageQueryMax{5000};

// Which rows of rollup: those with from ≤ bucket < to. `key` and `route` narrow it down.
struct RollupRange {
  Seconds width{60};
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::optional<core::KeyId> key;
  std::optional<core::NameRef> route;
};

// One connection with its statements. Thread safety: one thread at a time. A query beyond its time: store_unavailable.
class UsageConnection {
 public:
  static Result<std::unique_ptr<UsageConnection>> open(const std::string& path);

  // Calls `visit(key, row)` for each row; add_row(value, row, kRollupCounts) reads its sums.
  static constexpr int kRollupCounts = 6;
  template <class Visit>
  Result<void> each_rollup(const RollupRange& range, Visit&& visit) {
    Statement& select = bind_rollup(range);
    return select.each([&](const Statement& row) { visit(key_of(row), row); });
  }
  // Calls `visit(row)` with route, method, counters, latency, last_used_ns of each endpoint the key has used.
  template <class Visit>
  Result<void> each_key_total(const core::KeyId& key, Visit&& visit) {
    return key_totals_.bind(key.view()).each(visit);
  }
  Database& database() { return database_; }

 private:
  UsageConnection(Database database, Statement rollup, Statement rollup_of_key, Statement key_totals);
  Statement& bind_rollup(const RollupRange& range);
  static core::RollupKey key_of(const Statement& row);

  Database database_;
  Statement rollup_;
  Statement rollup_of_key_;
  Statement key_totals_;
};

// Thread safety: all methods from any thread.
class UsageConnections {
 public:
  // A reader for as long as this lives, with its deadline running.
  class Lease {
   public:
    Lease(UsageConnections& pool, std::unique_ptr<UsageConnection> reader);
    ~Lease();
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    UsageConnection* operator->() { return reader_.get(); }

   private:
    UsageConnections* pool_;
    std::unique_ptr<UsageConnection> reader_;
    std::unique_ptr<QueryDeadline> deadline_;
  };

  static Result<std::unique_ptr<UsageConnections>> open(const std::string& path, std::size_t count, const Clock& clock);
  // busy when all are in use for too long.
  Result<Lease> take();

 private:
  explicit UsageConnections(const Clock& clock) : clock_(clock) {}

  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<UsageConnection>> idle_;
};

}  // namespace tollgate::stores
