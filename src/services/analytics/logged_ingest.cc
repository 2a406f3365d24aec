#include "services/analytics/logged_ingest.h"

#include <utility>
#include <vector>

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

Result<ports::PostAck> LoggedIngest::post(const ports::EventPost& post) {
  const std::scoped_lock lock(mutex_);
  if (auto done = settle_locked(); !done) return std::unexpected(std::move(done).error());
  auto ack = usage_.post(post);
  // A commit that failed may have happened all the same.
  settled_ = ack && (ack->added.records.empty() || log(ack->added));
  return ack;
}

Result<void> LoggedIngest::settle() {
  const std::scoped_lock lock(mutex_);
  return settle_locked();
}

Result<void> LoggedIngest::settle_locked() {
  if (settled_) return {};
  TG_TRY(const std::vector<ports::RecordBatch> batches, usage_.unconfirmed());
  for (const ports::RecordBatch& batch : batches) {
    if (auto logged = log(batch); !logged) return logged;
  }
  settled_ = true;
  return {};
}

Result<void> LoggedIngest::log(const ports::RecordBatch& added) {
  if (auto logged = log_.append(added); !logged) return std::unexpected(std::move(logged).error());
  usage_.confirm(added.records.back().sequence + 1);
  return {};
}

}  // namespace tollgate::services
