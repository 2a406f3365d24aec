#include "stores/sqlite/usage_recent.h"

#include <algorithm>

namespace tollgate::stores {
namespace {
constexpr std::int64_t kRateSeconds = 10;
}

void UsageRecent::reset(const core::RollupCounts& totals) {
  const std::scoped_lock lock(mutex_);
  totals_ = totals;
  slots_.assign(kSlots, {});
  last_second_.clear();
}

void UsageRecent::add_total(const core::RollupCounts& counts) {
  const std::scoped_lock lock(mutex_);
  totals_ += counts;
}

void UsageRecent::add_second(const core::RollupKey& key, const core::RollupValue& value) {
  const std::scoped_lock lock(mutex_);
  Slot& slot = slots_[static_cast<std::uint64_t>(key.bucket) % kSlots];
  if (slot.second > key.bucket) return;  // long outside the window
  if (slot.second < key.bucket) slot = {.second = key.bucket, .requests = 0, .latency = {}};
  slot.requests += value.counts.requests;
  slot.latency.merge(value.latency);
  if (!key.key.empty()) {
    std::int64_t& last = last_second_[key.key];
    last = std::max(last, key.bucket);
  }
}

ports::SystemStats UsageRecent::stats(WallTime now) {
  const std::int64_t second = std::chrono::floor<Seconds>(now).time_since_epoch().count();
  const std::scoped_lock lock(mutex_);
  ports::SystemStats stats{.counts = totals_, .requests_per_second = 0, .latency = {}, .active_keys = 0};
  core::Histogram latency;
  std::uint64_t recent = 0;
  for (const Slot& slot : slots_) {
    const std::int64_t age = second - slot.second;
    if (slot.second < 0 || age < 0 || age >= kWindowSeconds) continue;
    latency.merge(slot.latency);
    if (age >= 1 && age <= kRateSeconds) recent += slot.requests;  // whole seconds: not the one that is going on
  }
  stats.requests_per_second = static_cast<double>(recent) / static_cast<double>(kRateSeconds);
  stats.latency = latency_ms(latency);
  std::erase_if(last_second_, [&](const auto& entry) { return second - entry.second >= kWindowSeconds; });
  stats.active_keys = last_second_.size();
  return stats;
}

ports::LatencyMs latency_ms(const core::Histogram& latency) {
  const auto ms = [&](double q) { return latency.quantile_us(q) / 1000; };
  return {.p50 = ms(0.5), .p90 = ms(0.9), .p99 = ms(0.99)};
}

}  // namespace tollgate::stores
