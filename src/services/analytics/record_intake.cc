#include "services/analytics/record_intake.h"

#include <algorithm>
#include <span>

namespace tollgate::services {

Result<ports::IngestAck> RecordIntake::ingest(const core::RecordBatch& batch) {
  TG_TRY(const ports::IngestAck ack, usage_.ingest(batch));
  // What was known comes first: sequences ascend, and a ring is stored from its beginning.
  const std::span<const core::DecisionRecord> records(batch.records);
  const auto fresh = records.last(std::min<std::size_t>(records.size(), ack.added));
  if (fresh.empty()) return ack;
  live_.take(fresh);
  tail_.take(batch.ring_id, fresh);
  return ack;
}

}  // namespace tollgate::services
