// ports::UsageStore in one SQLite file: roll-ups of seconds, minutes, hours, days and all of time as chunks, and how
// far each ring is stored (docs/design/decision-log.md, docs/adr/0008-roll-ups-are-chunks.md).
//
// Ingest: one transaction a batch, durable when it returns. Queries: from roll-ups, five seconds at most, exact at any
// moment; system_stats from memory. Thread safety: all methods from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "ports/usage_store.h"
#include "stores/sqlite/usage_connection.h"
#include "stores/sqlite/usage_levels.h"
#include "stores/sqlite/usage_names.h"
#include "stores/sqlite/usage_plan.h"
#include "stores/sqlite/usage_recent.h"
#include "stores/sqlite/usage_upkeep.h"
#include "stores/sqlite/usage_writer.h"

namespace tollgate::stores {

class SqliteUsageStore final : public ports::UsageStore {
 public:
  // Creates the file when it is missing. `clock` outlives the store. Errors: those of Database::open.
  static Result<std::unique_ptr<SqliteUsageStore>> open(const std::string& path, const Clock& clock,
                                                        const UsageOptions& options = {});

  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch) override;
  Result<ports::PostAck> post(const ports::EventPost& post) override;
  Result<std::vector<ports::RecordBatch>> unconfirmed() override;
  void confirm(std::uint64_t through) override;
  Result<ports::SystemStats> system_stats(WallTime now) override;
  Result<std::optional<ports::KeyUsage>> key_usage(core::KeyId key, WallTime now) override;
  Result<ports::SeriesAnswer> time_series(const ports::SeriesQuery& query) override;
  Result<ports::LatencyAnswer> latency(const ports::LatencyQuery& query) override;
  Result<ports::ReportPart> report(const ports::ReportQuery& query) override;
  Result<ports::TopAnswer> top(const ports::TopQuery& query) override;
  Result<std::vector<ports::RecentMinute>> recent_minutes(WallTime now, std::size_t count) override;
  Result<std::uint64_t> expire(WallTime now) override;

  // About once a second, from a thread that may take its time: folds what came in into coarser roll-ups, merges small
  // chunks, and expires. One piece of work a call; true: there is more.
  Result<bool> maintain(WallTime now);

  const ports::NameDirectory& names() const { return names_; }

 private:
  SqliteUsageStore(const Clock& clock, const UsageOptions& options) : clock_(clock), options_(options) {}
  Result<KeptRows> kept_rows(UsageConnection& reader) const;

  const Clock& clock_;
  const UsageOptions options_;
  UsageNames names_;
  UsageRecent recent_;
  DamagedChunks damaged_;
  std::mutex writing_;
  std::unique_ptr<UsageWriter> writer_;  // under writing_
  std::unique_ptr<UsageConnections> readers_;
  std::unique_ptr<UsageUpkeep> upkeep_;
};

}  // namespace tollgate::stores
