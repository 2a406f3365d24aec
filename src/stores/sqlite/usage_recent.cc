#include "stores/sqlite/usage_recent.h"

#include <algorithm>
#include <utility>

namespace tollgate::stores {
namespace {

constexpr std::int64_t kRateSeconds = 10;
constexpr std::size_t kLookAhead = 8;
constexpr std::size_t kEntriesMin = 256;

}  // namespace

void UsageLastSeen::rebuild(std::int64_t oldest) {
  const std::vector<Entry> before = std::exchange(entries_, {});
  const auto is_kept = [&](const Entry& entry) { return entry.key != 0 && entry.second >= oldest; };
  used_ = static_cast<std::size_t>(std::ranges::count_if(before, is_kept));
  std::size_t size = kEntriesMin;
  while (size < used_ * 4) size *= 2;
  entries_.resize(size);
  for (const Entry& entry : before) {
    if (is_kept(entry)) entry_of(entry.key) = entry;
  }
}

void UsageRecent::reset(const UsageTotals& totals) {
  const std::scoped_lock lock(mutex_);
  totals_ = totals;
  slots_.assign(kSlots, {});
  last_seen_.clear();
}

UsageRecent::Slot* UsageRecent::slot_of(std::int64_t second, std::int64_t now) {
  Slot& slot = slots_[static_cast<std::uint64_t>(second) % kSlots];
  if (slot.second > second && slot.second <= now + kAheadSeconds) return nullptr;
  if (slot.second != second) slot = {.second = second, .requests = 0, .keys = 0, .latency = {}};
  return &slot;
}

void UsageRecent::see(const core::KeySecond& key, std::int64_t now) {
  std::int64_t& last = last_seen_.at(key.key, now - kWindowSeconds);
  if (last > now + kAheadSeconds) last = -1;
  if (last >= key.second) return;
  Slot* const slot = slot_of(key.second, now);
  if (slot == nullptr) return;
  ++slot->keys;
  if (last >= 0) {
    Slot& before = slots_[static_cast<std::uint64_t>(last) % kSlots];
    if (before.second == last) --before.keys;
  }
  last = key.second;
}

void UsageRecent::add(const core::BatchSum& sum, std::int64_t now) {
  const std::scoped_lock lock(mutex_);
  totals_.counts += sum.all;
  totals_.clamped.past += sum.clamped_past;
  totals_.clamped.future += sum.clamped_future;
  for (const auto& [key, second] : sum.seconds.entries()) {
    Slot* const slot = slot_of(key.bucket(), now);
    if (slot == nullptr) continue;
    slot->requests += second.requests;
    slot->latency.merge(second.latency);
  }
  for (std::size_t i = 0; i < sum.keys.size(); ++i) {
    if (i + kLookAhead < sum.keys.size()) last_seen_.prefetch(sum.keys[i + kLookAhead].key);
    see(sum.keys[i], now);
  }
}

void UsageRecent::add_row(const core::RollupRow& row, std::int64_t now) {
  const std::scoped_lock lock(mutex_);
  if (row.key.key != core::kEveryone) {
    if (row.key.key != 0) see({row.key.key, row.key.bucket()}, now);
    return;
  }
  Slot* const slot = slot_of(row.key.bucket(), now);
  if (slot == nullptr) return;
  slot->requests += row.counts.requests;
  slot->latency.add(row.latency);
}

ports::SystemStats UsageRecent::stats(WallTime now) {
  const std::int64_t second = std::chrono::floor<Seconds>(now).time_since_epoch().count();
  const std::scoped_lock lock(mutex_);
  ports::SystemStats stats{.counts = totals_.counts, .clamped = totals_.clamped};
  core::Histogram latency;
  std::uint64_t recent = 0;
  for (const Slot& slot : slots_) {
    const std::int64_t age = second - slot.second;
    if (slot.second < 0 || age >= kWindowSeconds || age < -kAheadSeconds) continue;
    stats.active_keys += slot.keys;
    if (age < 0) continue;
    latency.merge(slot.latency);
    if (age >= 1 && age <= kRateSeconds) recent += slot.requests;  // whole seconds: not the one that is going on
  }
  stats.requests_per_second = static_cast<double>(recent) / static_cast<double>(kRateSeconds);
  stats.latency = latency_ms(latency);
  return stats;
}

ports::LatencyMs latency_ms(const core::Histogram& latency) {
  const auto ms = [&](double q) { return latency.quantile_us(q) / 1000; };
  return {.p50 = ms(0.5), .p90 = ms(0.9), .p99 = ms(0.99)};
}

}  // namespace tollgate::stores
