#include "core/usage/batch_sum.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/usage/row_sum.h"

namespace tollgate::core {
namespace {

// What is added to a row: a record, or the row that several records came to before.
struct Item {
  static constexpr std::uint32_t kNoRow = std::numeric_limits<std::uint32_t>::max();
  RollupKey key;
  std::int64_t time_ms = 0;
  const DecisionRecord* record = nullptr;
  std::uint32_t row = kNoRow;
};

// One key alone is in order already, but for its status classes; so is what was in order of one key, for everyone.
void sort_by_key(std::vector<Item>& items) {
  const auto before = [](const Item& a, const Item& b) { return a.key < b.key; };
  if (!std::ranges::is_sorted(items, before)) std::ranges::sort(items, before);
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

// Rows of keys that several records came to, until they are added to those of everyone.
class SummedRows {
 public:
  std::uint32_t keep(const RollupRow& row) {
    rows_.push_back(
        {.row = row, .latency_at = latencies_.size(), .few_at = hashes_.size(), .registers_at = registers_.size()});
    latencies_.insert(latencies_.end(), row.latency.begin(), row.latency.end());
    hashes_.insert(hashes_.end(), row.clients.few.begin(), row.clients.few.end());
    registers_.insert(registers_.end(), row.clients.registers.begin(), row.clients.registers.end());
    return static_cast<std::uint32_t>(rows_.size() - 1);
  }
  // As that of `key`; valid until the next keep().
  RollupRow get(std::uint32_t index, const RollupKey& key) const {
    const Kept& kept = rows_[index];
    RollupRow row = kept.row;
    row.key = key;
    row.latency = std::span(latencies_).subspan(kept.latency_at, row.latency.size());
    row.clients = {.few = std::span(hashes_).subspan(kept.few_at, row.clients.few.size()),
                   .registers = std::span(registers_).subspan(kept.registers_at, row.clients.registers.size())};
    return row;
  }

 private:
  struct Kept {
    RollupRow row;  // of its spans only the lengths hold
    std::size_t latency_at = 0;
    std::size_t few_at = 0;
    std::size_t registers_at = 0;
  };
  std::vector<Kept> rows_;
  std::vector<HistogramCount> latencies_;
  std::vector<std::uint32_t> hashes_;
  std::vector<std::uint8_t> registers_;
};

// Rows of one key are summed and go to the chunks.
class BatchRows {
 public:
  explicit BatchRows(BatchSum& to) : to_(to) {}

  // In order of key; what they came to, in that order, takes their place as items of everyone.
  void add_keys(std::vector<Item>& items) {
    auto end = items.begin();
    for (auto from = items.begin(); from != items.end();) {
      const auto to = std::ranges::find_if(from, items.end(), [&](const Item& item) { return item.key != from->key; });
      Item one = *from;
      for (const Item& item : std::ranges::subrange(from, to)) sum_.add(item.key, item.time_ms, *item.record);
      const RollupRow& row = write();
      note_key(row.key);
      if (to - from > 1) one.row = rows_.keep(row);
      one.key = row.key.of_everyone();
      *end++ = one;
      from = to;
    }
    items.erase(end, items.end());
  }
  // In order of key.
  void add_everyone(const std::vector<Item>& items) {
    for (const Item& item : items) {
      if (!sum_.takes(item.key)) note_second(write());
      if (item.row == Item::kNoRow) {
        sum_.add(item.key, item.time_ms, *item.record);
      } else {
        sum_.add(rows_.get(item.row, item.key));
      }
    }
    if (!sum_.empty()) note_second(write());
    if (!writer_.empty()) to_.chunks.push_back(writer_.take());
  }

 private:
  // Valid until the next add.
  const RollupRow& write() {
    const RollupRow& row = sum_.take();
    if (writer_.ends_before(row.key.key)) to_.chunks.push_back(writer_.take());
    writer_.add(row);
    return row;
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
  SummedRows rows_;
  ChunkWriter writer_{Seconds(1)};
};

}  // namespace

BatchSum sum_up(std::span<const DecisionRecord> records, const BatchClock& clock) {
  BatchSum sum;
  BatchRows rows(sum);
  std::vector<Item> items = items_of(records, clock, sum);
  sort_by_key(items);
  rows.add_keys(items);
  sort_by_key(items);
  rows.add_everyone(items);
  return sum;
}

}  // namespace tollgate::core
