// Takes records in for both that keep them: the request log, which has each single one, and the roll-ups. Each knows by
// itself what it has, so that a batch which only one of them took can be sent again.
#pragma once

#include <mutex>

#include "ports/request_log.h"
#include "ports/usage_store.h"

namespace tollgate::services {

// Thread safety: all methods from any thread; batches go in one after the other.
class LoggedIngest final : public ports::UsageIngest {
 public:
  // Both outlive it.
  LoggedIngest(ports::RequestLog& log, ports::UsageIngest& usage) : log_(log), usage_(usage) {}

  // The roll-ups say where a ring goes on. What they would refuse, the log does not get; what the log cannot take, they
  // do not get: store_unavailable, and whoever sent it keeps it. Counts instead of records are for the roll-ups alone:
  // of those requests the log has nothing to keep.
  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch) override;

 private:
  std::mutex mutex_;
  ports::RequestLog& log_;
  ports::UsageIngest& usage_;
};

}  // namespace tollgate::services
