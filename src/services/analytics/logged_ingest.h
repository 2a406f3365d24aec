// Takes records in for both that keep them: the request log, which has each single one, and the roll-ups. Each knows by
// itself what it has, so that a batch which only one of them took can be sent again.
#pragma once

#include <mutex>

#include "ports/request_log.h"
#include "ports/usage_store.h"

namespace tollgate::services {

// Thread safety: all methods from any thread; batches go in one after the other.
class LoggedIngest final : public ports::UsageIntake {
 public:
  // Both outlive it.
  LoggedIngest(ports::RequestLog& log, ports::PostStore& usage) : log_(log), usage_(usage) {}

  // The roll-ups say where a ring goes on. What they would refuse, the log does not get; what the log cannot take, they
  // do not get: store_unavailable, and whoever sent it keeps it. Counts instead of records are for the roll-ups alone:
  // of those requests the log has nothing to keep.
  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch) override;
  // The roll-ups number what is new and keep it until the log has it: an answer says that they have counted it. While
  // the log does not take what an earlier post brought, the next one is refused: store_unavailable.
  Result<ports::PostAck> post(const ports::EventPost& post) override;
  // Puts into the log what posts added and the log could not take then, or had no time to before the process ended.
  // Costs nothing when there is nothing.
  Result<void> settle();

 private:
  Result<void> settle_locked();
  Result<void> log(const ports::RecordBatch& added);

  std::mutex mutex_;
  ports::RequestLog& log_;
  ports::PostStore& usage_;
  bool settled_ = false;  // under mutex_; before the first look nobody knows
};

}  // namespace tollgate::services
