// ports::UsageStore in one SQLite file: roll-ups of one second (kept for an hour) and one minute (400 days), totals per
// key and endpoint, and how far each ring is stored.
//
// Ingest: one transaction a batch, durable when it returns. Queries: from roll-ups, five seconds at most; system_stats
// from memory. Thread safety: all methods from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "ports/usage_store.h"
#include "stores/sqlite/usage_connection.h"
#include "stores/sqlite/usage_names.h"
#include "stores/sqlite/usage_recent.h"
#include "stores/sqlite/usage_writer.h"

namespace tollgate::stores {

class SqliteUsageStore final : public ports::UsageStore {
 public:
  // Creates the file when it is missing. `clock` outlives the store. Errors: those of Database::open.
  static Result<std::unique_ptr<SqliteUsageStore>> open(const std::string& path, const Clock& clock);

  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch) override;
  Result<ports::SystemStats> system_stats(WallTime now) override;
  Result<std::optional<ports::KeyUsage>> key_usage(core::KeyId key, WallTime now) override;
  Result<std::vector<ports::Series>> time_series(const ports::SeriesQuery& query) override;
  Result<std::vector<ports::TopEntry>> top_keys(WallTime from, WallTime to, std::size_t count) override;
  Result<std::vector<ports::TopEntry>> top_endpoints(WallTime from, WallTime to, std::size_t count) override;
  Result<std::vector<ports::RecentMinute>> recent_minutes(WallTime now, std::size_t count) override;
  Result<std::uint64_t> expire(WallTime now) override;

 private:
  explicit SqliteUsageStore(const Clock& clock) : clock_(clock) {}
  RollupRange range_of(WallTime from, WallTime to) const;

  const Clock& clock_;
  UsageNames names_;
  UsageRecent recent_;
  std::mutex writing_;
  std::unique_ptr<UsageWriter> writer_;  // under writing_
  std::unique_ptr<UsageConnections> readers_;
};

}  // namespace tollgate::stores
