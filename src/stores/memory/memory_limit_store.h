// The limit store in this process's memory, shared by its threads, kept over restarts in a directory.
//
// decide() neither locks nor allocates for buckets that exist. Several checks are all or nothing: all are looked at
// first; if one refuses, nothing is taken; else each is taken in turn, and if one was lost to a race and now refuses,
// those already taken are given back. The only effect of such a race is that another request may see less than there
// will be for a moment, and be refused: never one admission more.
//
// Restart (docs/adr/0003): after close() every level is exact. After a kill a bucket is at most one second of refill
// fuller than it was, and may be up to one second of refill emptier. When nothing can be read, every bucket starts
// empty.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ports/limit_store.h"
#include "stores/memory/buckets.h"
#include "stores/memory/host_moment.h"

namespace tollgate::stores {

class SnapshotFile;

struct MemoryLimitOptions {
  std::size_t max_bytes = 256u << 20;  // for buckets; at least 128 KiB
  std::string directory;               // exists and is locked by the caller; empty: nothing outlives the process
  HostMomentSource host = read_host_moment;
  std::size_t drain_cells = DrainMap::kDefaultCells;
};

// How the store came up, for the log.
struct RestoreReport {
  bool first_start = true;
  bool clean = false;       // the predecessor ended with close()
  std::size_t buckets = 0;  // restored from the snapshot
  std::string problem;      // not empty: what could not be read or used; the store works all the same
};

struct MemoryLimitStats {
  std::size_t buckets = 0;
  std::size_t bytes = 0;
  std::uint64_t forgotten = 0;           // full buckets whose slot went to others
  std::uint64_t overflow_decisions = 0;  // for keys that found no room
  std::uint64_t rebuilds = 0;            // arrays grown, shrunk or cleared of forgotten slots
};

// Thread safety: all methods from any thread, but close() only after the last decision.
class MemoryLimitStore final : public ports::LimitStore {
 public:
  // Comes up with whatever can be read; fails only when the directory cannot be written. `clock` outlives the store.
  static Result<std::unique_ptr<MemoryLimitStore>> open(const Clock& clock, MemoryLimitOptions options);
  ~MemoryLimitStore() override = default;

  Task<Result<core::LimitOutcome>> apply(std::span<const core::LimitCheck> checks,
                                         ports::ApplyOptions options) override;
  bool apply_now(std::span<const core::LimitCheck> checks, ports::ApplyOptions options,
                 core::LimitOutcome& outcome) noexcept override {
    outcome = decide(checks, options);
    return true;
  }
  Task<Result<core::LimitAnswer>> read(core::LimitCheck check) override;
  Task<Result<void>> reset(core::LimitCheck check) override;
  Task<Result<void>> migrate(core::LimitCheck from, core::LimitCheck to) override;

  // apply() without a coroutine around it.
  core::LimitOutcome decide(std::span<const core::LimitCheck> checks, ports::ApplyOptions options) noexcept;

  core::LimiterTime now() const noexcept { return clock_.now(); }
  const RestoreReport& restored() const { return report_; }

  // Maintenance, from one thread, about every second: looks at a part of the table and gives memory back.
  void sweep() { buckets_.sweep(kSweptPerCall); }
  // Writes all buckets that are not full; about every second. Deciders go on meanwhile. Without a directory: nothing.
  Result<void> snapshot();
  // The last snapshot, marked as complete. Decisions after it would be forgotten.
  Result<void> close();

  MemoryLimitStats stats() const;

 private:
  static constexpr std::size_t kSweptPerCall = 1u << 20;

  MemoryLimitStore(const Clock& clock, MemoryLimitOptions options, core::LimiterTime start)
      : options_(std::move(options)), clock_(clock, start), buckets_(clock_, options_.max_bytes) {}

  template <std::size_t kCapacity>
  core::LimitOutcome decide_in(std::span<const core::LimitCheck> checks, ports::ApplyOptions options) noexcept;
  Result<void> take_over(std::optional<DrainMap> drains, const SnapshotFile* snapshot);
  bool restore_buckets(const SnapshotFile& snapshot);
  DrainHeader header(bool clean) const;
  static std::string snapshot_path(const std::string& directory) { return directory + "/limiter.snapshot"; }
  static std::string drain_path(const std::string& directory) { return directory + "/limiter.drains"; }
  ClockStamp stamp() const { return {options_.host(), clock_.now()}; }

  MemoryLimitOptions options_;
  LimiterClock clock_;
  Buckets buckets_;
  std::uint64_t pair_ = 0;  // of the two files
  RestoreReport report_;
};

}  // namespace tollgate::stores
