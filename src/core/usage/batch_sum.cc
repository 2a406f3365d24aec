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

std::vector<Item> in_order_of_key(std::span<const DecisionRecord> records, const BatchClock& clock) {
  const std::int64_t latest = clock.latest.time_since_epoch().count();
  const std::int64_t now = clock.now.time_since_epoch().count();
  std::vector<Item> items;
  items.reserve(records.size());
  for (const DecisionRecord& record : records) {
    const std::int64_t time = record.time_ns > latest ? now : std::max<std::int64_t>(record.time_ns, 0);
    const RollupKey key = RollupKey::of(record, Seconds(1)).with_bucket(time / 1'000'000'000);
    items.push_back({.key = key, .time_ms = time / 1'000'000, .record = &record});
  }
  std::ranges::sort(items, [](const Item& a, const Item& b) { return a.key < b.key; });
  return items;
}

// One row a record; rows of one key are summed and go to the chunks.
class BatchRows {
 public:
  explicit BatchRows(BatchSum& to) : to_(to) {}

  void add(const Item& item) {
    if (!sum_.takes(item.key)) write();
    const HistogramCount one{Histogram::place_of(item.record->total_us), 1};
    RollupRow row{.key = item.key, .counts = {}, .last_ms = item.time_ms, .latency = {&one, 1}};
    row.counts.add(*item.record);
    sum_.add(row);

    SecondSum& second = to_.seconds.at({.rest = static_cast<std::uint64_t>(item.key.bucket())});
    ++second.requests;
    second.latency.record(item.record->total_us);
  }
  void finish() {
    if (!sum_.empty()) write();
    if (!writer_.empty()) to_.chunks.push_back(writer_.take());
  }

 private:
  void write() {
    const RollupRow& row = sum_.take();
    to_.all += row.counts;
    note_key(row.key);
    writer_.add(row);
    if (writer_.full()) to_.chunks.push_back(writer_.take());
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
  for (const Item& item : in_order_of_key(records, clock)) rows.add(item);
  rows.finish();
  return sum;
}

}  // namespace tollgate::core
