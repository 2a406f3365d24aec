// A gateway's decision log: rings that workers append to, segments on disk, and shipping to analytics.
//
//   auto log = SegmentDecisionLog::open({.directory = dir, .workers = 2}, usage);
//   (*log)->intern(…); (*log)->start();   …   log->sink(worker).append(record);   …   (*log)->stop();
//
// Killing the process at any moment loses no record that append() has returned for; a power cut loses those of the last
// ~10 ms. Destroying the log without stop() is like a kill: nothing is lost, the next open() goes on from there.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/io.h"
#include "ports/decision_log.h"
#include "ports/usage_store.h"
#include "stores/segments/log_watch.h"
#include "stores/segments/log_writer.h"
#include "stores/segments/name_table.h"
#include "stores/segments/recovery.h"
#include "stores/segments/reserve.h"
#include "stores/segments/ring_book.h"
#include "stores/segments/segment_set.h"
#include "stores/segments/shedder.h"
#include "stores/segments/shipper.h"

namespace tollgate::stores {

struct DecisionLogOptions {
  std::string directory;  // made when missing; one process at a time
  std::size_t workers = 1;
  std::uint32_t ring_capacity = Ring::kCapacity;  // records; a power of two; for rings that are new
  LogWriterOptions writer;
  ShipperOptions shipper;
  std::uint64_t reserve_bytes = Reserve::kBytes;  // for a reserve that is new
  Millis poll_interval{10};                       // how long a record waits for the writer, at most
  Millis mend_interval{1000};                     // between attempts to make the files that there was no room for
  Millis stop_timeout{5000};
  Io* io = nullptr;  // the kernel when null
  // Called by the thread that writes when the condition gets worse, at once, and when it has been better for a while.
  std::function<void(LogCondition)> on_condition = {};
};

struct LogHealth {
  std::uint64_t write_failures = 0;  // segments could not be written or synced; the records wait in their rings
  ShipperCounts shipping;
  std::uint64_t segments = 0;
  std::uint64_t segment_bytes = 0;
  std::uint64_t torn_bytes = 0;    // cut off at the start, from a write that a kill or power cut had interrupted
  std::uint64_t in_rings = 0;      // records that are nowhere else
  std::uint64_t shed_records = 0;  // became counts since the start because the disk took none
  LogCondition condition = LogCondition::whole;
};

// Where a worker appends while its ring has no file: it goes on in another as soon as that has one.
// Thread safety: append() from the worker, move_to() from one other thread.
class MovingSink final : public ports::DecisionSink {
 public:
  explicit MovingSink(Ring& ring) : ring_(&ring) {}
  void append(core::DecisionRecord& record) noexcept override { ring_.load(std::memory_order_acquire)->append(record); }
  void move_to(Ring& ring) { ring_.store(&ring, std::memory_order_release); }

 private:
  std::atomic<Ring*> ring_;
};

// Thread safety: as ports::DecisionLog; health() from any thread; start() and stop() from one.
class SegmentDecisionLog final : public ports::DecisionLog {
 public:
  // Recovers what an earlier run left. `ingest` outlives the log. A full disk is no error: what there is no room for is
  // made later, and until then in memory. Errors: data_dir_unusable, data_dir_in_use.
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
  bool write_step(MonoTime now, LogWriter::Commit commit);
  Millis ship_step() { return shipper_->step(); }

 private:
  enum class Stage : std::uint8_t { running, finishing, abandoned };

  SegmentDecisionLog(DecisionLogOptions options, DirectoryLock lock);
  Result<void> recover(ports::UsageIngest& ingest);
  void recover_ring(std::size_t number, std::unique_ptr<Ring> ring, const RecoveredSegments& recovered);
  void recover_strays(const RecoveredSegments& recovered);
  void recover_counts();
  std::string ring_path(std::size_t number) const;
  void mend(MonoTime now);
  LogCondition condition_now();
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
  Reserve reserve_;
  Shedder shedder_;
  LogWriter writer_;
  std::unique_ptr<Shipper> shipper_;
  std::vector<ports::DecisionSink*> sinks_;  // by worker
  // By worker, for those whose ring has no file yet; and their sinks, for ever.
  std::map<std::size_t, MovingSink*> without_file_;
  std::vector<std::unique_ptr<MovingSink>> moving_sinks_;
  std::uint64_t torn_bytes_ = 0;
  MonoTime mend_at_{};
  LogWatch watch_;
  std::uint64_t shed_seen_ = 0;
  std::uint64_t dropped_seen_ = 0;
  std::atomic<LogCondition> condition_{LogCondition::whole};

  std::mutex mutex_;
  std::condition_variable wake_;
  Stage writer_stage_ = Stage::running;
  Stage shipper_stage_ = Stage::running;
  std::thread writer_thread_;
  std::thread shipper_thread_;
};

}  // namespace tollgate::stores
