#include "services/analytics/logged_ingest.h"

#include <utility>

namespace tollgate::services {

Result<ports::IngestAck> LoggedIngest::ingest(const ports::RecordBatch& batch) {
  const std::scoped_lock lock(mutex_);
  if (batch.records.empty()) return usage_.ingest(batch);
  TG_TRY(const ports::IngestAck before, usage_.ingest({.ring_id = batch.ring_id, .names = {}, .records = {}}));
  // A batch that leaves something out comes again from where it should have begun. Had the log taken it, it would take
  // what was left out for known.
  const std::uint64_t first = batch.records.front().sequence;
  const bool has_gap = batch.lost_before > first || first - batch.lost_before > before.stored_through;
  if (has_gap) return usage_.ingest(batch);
  if (auto logged = log_.append(batch); !logged) return std::unexpected(std::move(logged).error());
  return usage_.ingest(batch);
}

}  // namespace tollgate::services
