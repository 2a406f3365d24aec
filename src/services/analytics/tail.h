// Records as they come in, for those who watch: each watcher has a filter and a queue of its own. A queue that is full
// drops the newest and counts them, so that a slow reader costs no memory and knows what it missed.
//
// Thread safety: all methods from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "core/usage/record_filter.h"

namespace tollgate::services {

class TailQueue {
 public:
  static constexpr std::size_t kRecordsMax = 1000;

  explicit TailQueue(const core::RecordFilter& filter) : filter_(filter) {}

  struct Taken {
    std::vector<core::LoggedRecord> records;  // oldest first
    std::uint64_t dropped = 0;                // since the last call: they came after these
  };
  Taken take();

 private:
  friend class Tail;
  void offer(std::uint64_t ring_id, std::span<const core::DecisionRecord> records);

  const core::RecordFilter filter_;
  std::mutex mutex_;
  Taken waiting_;
};

class Tail {
 public:
  static constexpr std::size_t kWatchersMax = 64;

  // Nothing when there are kWatchersMax already. Ends when the queue is let go.
  std::shared_ptr<TailQueue> watch(const core::RecordFilter& filter);
  // Costs one load when nobody watches.
  void take(std::uint64_t ring_id, std::span<const core::DecisionRecord> records);

 private:
  std::atomic<bool> watched_{false};
  std::mutex mutex_;
  std::vector<std::weak_ptr<TailQueue>> queues_;
};

}  // namespace tollgate::services
