// A gateway's decision log: rings that workers append to, segments on disk, and shipping to analytics.
//
//   auto log = SegmentDecisionLog::open({.directory = dir, .workers = 2}, usage);
//   (*log)->intern(…); (*log)->start();   …   log->sink(worker).append(record);   …   (*log)->stop();
//
// Killing the process at any moment loses no record that append() has returned for; a power cut loses those of the last
// ~10 ms. Destroying the log without stop() is like a kill: nothing is lost, the next open() goes on from there.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/file.h"
#include "base/io.h"
#include "ports/decision_log.h"
#include "ports/usage_store.h"
#include "stores/segments/log_writer.h"
#include "stores/segments/name_table.h"
#include "stores/segments/ring_book.h"
#include "stores/segments/segment_set.h"
#include "stores/segments/shipper.h"

namespace tollgate::stores {

struct DecisionLogOptions {
  std::string directory;  // made when missing; one process at a time
  std::size_t workers = 1;
  std::uint32_t ring_capacity = Ring::kCapacity;  // records; a power of two; for rings that are new
  LogWriterOptions writer;
  ShipperOptions shipper;
  Millis poll_interval{10};  // how long a record waits for the writer, at most
  Millis stop_timeout{5000};
  Io* io = nullptr;  // the kernel when null
};

struct LogHealth {
  std::uint64_t write_failures = 0;  // segments could not be written or synced; the records wait in their rings
  ShipperCounts shipping;
  std::uint64_t segments = 0;
  std::uint64_t segment_bytes = 0;
  std::uint64_t torn_bytes = 0;  // cut off at the start, from a write that a kill or power cut had interrupted
};

// Thread safety: as ports::DecisionLog; health() from any thread; start() and stop() from one.
class SegmentDecisionLog final : public ports::DecisionLog {
 public:
  // Recovers what an earlier run left. `ingest` outlives the log. Errors: data_dir_unusable, data_dir_in_use.
  static Result<std::unique_ptr<SegmentDecisionLog>> open(DecisionLogOptions options, ports::UsageIngest& ingest);
  ~SegmentDecisionLog() override;
  SegmentDecisionLog(const SegmentDecisionLog&) = delete;
  SegmentDecisionLog& operator=(const SegmentDecisionLog&) = delete;

  ports::DecisionSink& sink(std::size_t worker) override;
  ports::LogCounters counters() const override { return book_.counters(); }
  core::NameRef intern(core::NameKind kind, std::string_view name) override { return names_.intern(kind, name); }
  LogHealth health() const;

  void start();
  // After the workers' last append: what is in rings reaches segments, and analytics unless that fails or takes longer
  // than stop_timeout. What is left is shipped after the next start.
  void stop();

  // What the threads do, one step at a time: for tests, instead of start().
  bool write_step(MonoTime now, LogWriter::Commit commit) { return writer_.step(now, commit); }
  Millis ship_step() { return shipper_->step(); }

 private:
  enum class Stage : std::uint8_t { running, finishing, abandoned };

  SegmentDecisionLog(DecisionLogOptions options, DirectoryLock lock);
  Result<void> recover(ports::UsageIngest& ingest);
  void run_writer();
  void run_shipper();
  Stage wait(Stage& stage, Millis at_most);
  void set_stage(Stage& stage, Stage to);

  const DecisionLogOptions options_;
  DirectoryLock lock_;
  Io& io_;
  SegmentSet segments_;
  RingBook book_;
  NameTable names_;
  LogWriter writer_;
  std::unique_ptr<Shipper> shipper_;
  std::uint64_t torn_bytes_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  Stage writer_stage_ = Stage::running;
  Stage shipper_stage_ = Stage::running;
  std::thread writer_thread_;
  std::thread shipper_thread_;
};

}  // namespace tollgate::stores
