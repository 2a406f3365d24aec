#include "services/analytics/record_intake.h"

#include <algorithm>

namespace tollgate::services {

Result<ports::IngestAck> RecordIntake::ingest(const core::RecordBatch& batch) {
  TG_TRY(const ports::IngestAck ack, usage_.ingest(batch));
  // What was known comes first: sequences ascend, and a ring is stored from its beginning.
  const std::span<const core::DecisionRecord> records(batch.records);
  show(batch.ring_id, records.last(std::min<std::size_t>(records.size(), ack.added)));
  return ack;
}

Result<ports::PostAck> RecordIntake::post(const ports::EventPost& post) {
  TG_TRY(ports::PostAck ack, usage_.post(post));
  show(ack.added.ring_id, ack.added.records);
  return ack;
}

void RecordIntake::show(std::uint64_t ring_id, std::span<const core::DecisionRecord> fresh) {
  if (fresh.empty()) return;
  live_.take(fresh);
  tail_.take(ring_id, fresh);
}

}  // namespace tollgate::services
