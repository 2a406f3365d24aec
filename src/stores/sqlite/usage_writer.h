// The one connection that writes usage.db: takes batches in, each in one transaction with the mark up to which its ring
// is stored, so that a batch counts once however often it comes.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "core/usage/rollup.h"
#include "ports/usage_store.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/usage_names.h"
#include "stores/sqlite/usage_recent.h"

namespace tollgate::stores {

inline constexpr Seconds kSecondsKept{3600};
inline constexpr Seconds kMinutesKept{400 * 86'400};

// Thread safety: one thread at a time. `names` and `recent` are brought up to date after each commit.
class UsageWriter {
 public:
  static Result<UsageWriter> open(const std::string& path, UsageNames& names, UsageRecent& recent, WallTime now);

  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch, WallTime now);
  // Deletes buckets that are older than their retention, at most ~20,000 rows a call. Returns rows deleted.
  Result<std::uint64_t> expire(WallTime now);

 private:
  struct Statements {
    Statement add_rollup;
    Statement add_key_total;
    Statement add_grand_total;
    Statement add_name;
    Statement find_ring;
    Statement put_ring;
    Statement oldest_bucket;
    Statement delete_bucket;
  };
  struct Sums;

  UsageWriter(Database database, Statements statements, UsageNames& names, UsageRecent& recent)
      : database_(std::move(database)), statements_(std::move(statements)), names_(&names), recent_(&recent) {}

  Result<void> load_memory(WallTime now);
  Result<std::uint64_t> stored_through(std::uint64_t ring_id);
  Result<void> store(const ports::RecordBatch& batch, const Sums& sums, std::uint64_t lost, WallTime now);
  Result<void> store_sums(const Sums& sums, WallTime now);

  Database database_;
  Statements statements_;
  UsageNames* names_;
  UsageRecent* recent_;
  bool memory_is_stale_ = false;
};

}  // namespace tollgate::stores
