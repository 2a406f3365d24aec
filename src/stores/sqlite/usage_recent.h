// Totals and the last quarter of an hour, in memory, so that system_stats never waits for the disk.
//
// Thread safety: all methods from any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "core/usage/batch_sum.h"
#include "ports/usage_store.h"
#include "stores/sqlite/usage_last_seen.h"

namespace tollgate::stores {

// Since the log began.
struct UsageTotals {
  core::RollupCounts counts;
  ports::ClampedRecords clamped;
};

class UsageRecent {
 public:
  static constexpr std::int64_t kWindowSeconds = 900;
  // A record's clock may be ahead of ours by this much.
  static constexpr std::int64_t kAheadSeconds = 300;

  UsageRecent() : slots_(kSlots) {}
  // Starts over from what is stored.
  void reset(const UsageTotals& totals);
  // `now` and the batch's seconds are of one clock; what is further ahead than kAheadSeconds is from before it was set
  // back, and makes room.
  void add(const core::BatchSum& sum, std::int64_t now);
  // A row of one second that is stored: of everyone, its requests and latency; of a key, that it was seen.
  void add_row(const core::RollupRow& row, std::int64_t now);
  ports::SystemStats stats(WallTime now);

 private:
  // More than the window and what may be ahead of the clock here.
  static constexpr std::size_t kSlots = 2048;
  struct Slot {
    std::int64_t second = -1;
    std::uint64_t requests = 0;
    std::uint64_t keys = 0;  // whose last request was in this second
    core::Histogram latency;
  };
  // Null for a second that is long outside the window.
  Slot* slot_of(std::int64_t second, std::int64_t now);
  void see(const core::KeySecond& key, std::int64_t now);

  std::mutex mutex_;
  UsageTotals totals_;
  std::vector<Slot> slots_;  // by second modulo kSlots
  UsageLastSeen last_seen_;
};

// p50, p90 and p99 in milliseconds.
ports::LatencyMs latency_ms(const core::Histogram& latency);

}  // namespace tollgate::stores
