// The one way records come in, whether from a gateway in this process, over HTTP, or as events of other programs: into
// the store first, then to those who watch.
#pragma once

#include <cstdint>
#include <span>

#include "ports/usage_store.h"
#include "services/analytics/live_feed.h"
#include "services/analytics/tail.h"

namespace tollgate::services {

// Thread safety: all methods from any thread.
class RecordIntake final : public ports::UsageIntake {
 public:
  RecordIntake(ports::UsageIntake& usage, const Clock& clock) : usage_(usage), live_(clock) {}

  // Watchers see a record once, when it is stored: what the batch brings again, they have seen. Of
  // counts instead of records there is nothing to show: their moments are past.
  Result<ports::IngestAck> ingest(const core::RecordBatch& batch) override;
  Result<ports::PostAck> post(const ports::EventPost& post) override;

  LiveFeed& live() { return live_; }
  Tail& tail() { return tail_; }

 private:
  void show(std::uint64_t ring_id, std::span<const core::DecisionRecord> fresh);

  ports::UsageIntake& usage_;
  LiveFeed live_;
  Tail tail_;
};

}  // namespace tollgate::services
