#include "core/usage/batch_sum.h"

#include <algorithm>

#include "core/usage/row_sum.h"

namespace tollgate::core {
namespace {

struct Item {
  RollupKey key;
  std::int64_t time_ms = 0;
  const DecisionRecord* record = nullptr;
};

void sort_by_key(std::vector<Item>& items) {
  std::ranges::sort(items, [](const Item& a, const Item& b) { return a.key < b.key; });
}

std::int64_t believed_ns(std::int64_t time_ns, const BatchClock& clock, BatchSum& sum) {
  const std::int64_t earliest = std::max<std::int64_t>(clock.earliest.time_since_epoch().count(), 0);
  if (time_ns > clock.latest.time_since_epoch().count()) {
    ++sum.clamped_future;
    return clock.now.time_since_epoch().count();
  }
  if (time_ns < earliest) {
    ++sum.clamped_past;
    return earliest;
  }
  return time_ns;
}

std::vector<Item> items_of(std::span<const DecisionRecord> records, const BatchClock& clock, BatchSum& sum) {
  std::vector<Item> items;
  items.reserve(records.size());
  for (const DecisionRecord& record : records) {
    const std::int64_t time = believed_ns(record.time_ns, clock, sum);
    const RollupKey key = RollupKey::of(record, Seconds(1)).with_bucket(time / 1'000'000'000);
    items.push_back({.key = key, .time_ms = time / 1'000'000, .record = &record});
  }
  return items;
}

// One row a record; rows of one key are summed and go to the chunks.
class BatchRows {
 public:
  explicit BatchRows(BatchSum& to) : to_(to) {}

  // In order of key.
  void add(const Item& item) {
    if (!sum_.takes(item.key)) write();
    const HistogramCount one{Histogram::place_of(item.record->total_us), 1};
    const std::optional<std::uint32_t> client = client_hash(*item.record);
    RollupRow row{.key = item.key, .counts = {}, .last_ms = item.time_ms, .latency = {&one, 1}, .clients = {}};
    if (client) row.clients.few = {&*client, 1};
    row.counts.add(*item.record);
    sum_.add(row);
  }
  void finish() {
    if (!sum_.empty()) write();
    if (!writer_.empty()) to_.chunks.push_back(writer_.take());
  }

 private:
  void write() {
    const RollupRow& row = sum_.take();
    if (row.key.key == kEveryone) {
      note_second(row);
    } else {
      note_key(row.key);
    }
    if (writer_.ends_before(row.key.key)) to_.chunks.push_back(writer_.take());
    writer_.add(row);
  }
  void note_second(const RollupRow& row) {
    to_.all += row.counts;
    SecondSum& second = to_.seconds.at({.rest = static_cast<std::uint64_t>(row.key.bucket())});
    second.requests += row.counts.requests;
    second.latency.add(row.latency);
  }
  void note_key(const RollupKey& key) {
    if (key.key == 0) return;
    if (to_.keys.empty() || to_.keys.back().key != key.key) to_.keys.push_back({key.key, 0});
    std::int64_t& last = to_.keys.back().second;
    last = std::max(last, key.bucket());
  }

  BatchSum& to_;
  RowSum sum_;
  ChunkWriter writer_{Seconds(1)};
};

}  // namespace

BatchSum sum_up(std::span<const DecisionRecord> records, const BatchClock& clock) {
  BatchSum sum;
  BatchRows rows(sum);
  std::vector<Item> items = items_of(records, clock, sum);
  sort_by_key(items);
  for (const Item& item : items) rows.add(item);
  for (Item& item : items) item.key = item.key.of_everyone();
  sort_by_key(items);
  for (const Item& item : items) rows.add(item);
  rows.finish();
  return sum;
}

}  // namespace tollgate::core
