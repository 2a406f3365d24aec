// Totals and the last quarter of an hour, in memory, so that system_stats never waits for the disk.
//
// Thread safety: all methods from any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/usage/rollup.h"
#include "ports/usage_store.h"

namespace tollgate::stores {

class UsageRecent {
 public:
  static constexpr std::int64_t kWindowSeconds = 900;

  UsageRecent() : slots_(kSlots) {}
  // Starts over from what is stored.
  void reset(const core::RollupCounts& totals);
  void add_total(const core::RollupCounts& counts);
  void add_second(const core::RollupKey& key, const core::RollupValue& value);  // key.bucket is a second
  ports::SystemStats stats(WallTime now);

 private:
  // More than the window and the five minutes by which a record may be ahead of the clock here.
  static constexpr std::size_t kSlots = 2048;
  struct Slot {
    std::int64_t second = -1;
    std::uint64_t requests = 0;
    core::Histogram latency;
  };
  struct KeyHash {
    std::size_t operator()(const core::KeyId& id) const noexcept {
      return std::hash<std::string_view>()({id.text.data(), id.text.size()});
    }
  };

  std::mutex mutex_;
  core::RollupCounts totals_;
  std::vector<Slot> slots_;  // by second modulo kSlots
  std::unordered_map<core::KeyId, std::int64_t, KeyHash> last_second_;
};

// p50, p90 and p99 in milliseconds.
ports::LatencyMs latency_ms(const core::Histogram& latency);

}  // namespace tollgate::stores
