#include "services/analytics/tail.h"

#include <utility>

namespace tollgate::services {

TailQueue::Taken TailQueue::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(waiting_, {});
}

void TailQueue::offer(std::uint64_t ring_id, std::span<const core::DecisionRecord> records) {
  const std::scoped_lock lock(mutex_);
  for (const core::DecisionRecord& record : records) {
    if (!filter_.matches(record)) continue;
    if (waiting_.records.size() < kRecordsMax) {
      waiting_.records.push_back({.ring_id = ring_id, .record = record});
    } else {
      ++waiting_.dropped;
    }
  }
}

std::shared_ptr<TailQueue> Tail::watch(const core::RecordFilter& filter) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(queues_, [](const auto& queue) { return queue.expired(); });
  if (queues_.size() >= kWatchersMax) return nullptr;
  auto queue = std::make_shared<TailQueue>(filter);
  queues_.push_back(queue);
  watched_.store(true, std::memory_order_release);
  return queue;
}

void Tail::take(std::uint64_t ring_id, std::span<const core::DecisionRecord> records) {
  if (!watched_.load(std::memory_order_acquire)) return;
  std::vector<std::shared_ptr<TailQueue>> queues;
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(queues_, [](const auto& queue) { return queue.expired(); });
    for (const auto& queue : queues_) {
      if (auto there = queue.lock()) queues.push_back(std::move(there));
    }
    watched_.store(!queues_.empty(), std::memory_order_release);
  }
  for (const auto& queue : queues) queue->offer(ring_id, records);
}

}  // namespace tollgate::services
