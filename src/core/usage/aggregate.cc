#include "core/usage/aggregate.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/assert.h"
#include "base/str.h"
#include "core/usage/batch_sum.h"
#include "core/usage/chunk.h"
#include "core/usage/chunk_fold.h"
#include "core/usage/chunk_merge.h"
#include "core/usage/everyone_sum.h"

namespace tollgate::core {
namespace {

Error not_rows(std::string_view why) {
  return Error(codes::store_corrupt, str::cat("counts of a minute: ", why));
}

ChunkMerge::Run run_of(std::vector<std::string> chunks) {
  auto left = std::make_shared<std::vector<std::string>>(std::move(chunks));
  return {.next = [left, at = std::size_t{0}]() mutable -> Result<std::optional<std::string>> {
            if (at == left->size()) return std::nullopt;
            return std::move((*left)[at++]);
          },
          .damage = [] { return not_rows("not a chunk"); }};
}

// The sum of all runs, as chunks of minutes.
Result<std::vector<std::string>> fold(std::vector<ChunkMerge::Run> runs) {
  std::vector<std::string> chunks;
  ChunkFold minutes({.unit = kAggregateUnit, .window = Seconds(0)}, [&](Chunk chunk) -> Result<void> {
    chunks.push_back(std::move(chunk.bytes));
    return {};
  });
  ChunkMerge rows(std::move(runs));
  while (true) {
    TG_TRY(const auto item, rows.next());
    if (!item) break;
    if (item->row->key.key == kEveryone) continue;
    if (auto added = minutes.add(*item->row); !added) return std::unexpected(std::move(added).error());
  }
  if (auto done = minutes.finish(); !done) return std::unexpected(std::move(done).error());
  return chunks;
}

// Calls `visit(row)` for each row of all chunks; false when a chunk is damaged.
template <class Visit>
bool each_row(const std::vector<std::string>& chunks, RowParts parts, Visit&& visit) {
  for (const std::string& bytes : chunks) {
    auto reader = ChunkReader::open(bytes, parts);
    RollupRow row;
    while (reader && reader->next(row)) visit(std::as_const(row));
    if (!reader || reader->damaged()) return false;
  }
  return true;
}

std::int64_t second_of(WallTime time) {
  return std::chrono::floor<Seconds>(time).time_since_epoch().count();
}

// As of another second: what was not believed of its time.
RollupRow moved(RollupRow row, std::int64_t second) {
  row.key = row.key.with_bucket(second);
  row.last_ms = second * 1000;
  return row;
}

// Rows in order of key, and behind them those of everyone that they come to.
class MinuteRows {
 public:
  MinuteRows(Seconds window, ChunkFold::Put put) : fold_({.unit = kAggregateUnit, .window = window}, std::move(put)) {}

  Result<void> add(const RollupRow& row) {
    RollupRow of_minute = row;
    of_minute.key = row.key.with_bucket(row.key.bucket() - row.key.bucket() % kAggregateUnit.count());
    everyone_.add(of_minute);
    return fold_.add(of_minute);
  }
  Result<void> finish() {
    if (auto added = everyone_.each([&](const RollupRow& row) { return fold_.add(row); }); !added) return added;
    return fold_.finish();
  }

 private:
  ChunkFold fold_;
  EveryoneSum everyone_;
};

}  // namespace

Aggregate aggregate_of(std::span<const DecisionRecord> records) {
  Aggregate aggregate{.requests = records.size()};
  // Clocks that are wrong are analytics' to correct, which knows its own.
  const BatchSum seconds = sum_up(records, {.now = WallTime{}, .latest = WallTime::max()});
  std::vector<std::string> chunks;
  for (const Chunk& chunk : seconds.chunks) chunks.push_back(chunk.bytes);
  std::vector<ChunkMerge::Run> runs;
  runs.push_back(run_of(std::move(chunks)));
  auto minutes = fold(std::move(runs));
  TG_ASSERT(minutes.has_value());  // what was written a moment ago can be read
  aggregate.chunks = *std::move(minutes);
  return aggregate;
}

Result<Aggregate> join(const Aggregate& a, const Aggregate& b) {
  TG_ASSERT(a.end == b.first);
  std::vector<ChunkMerge::Run> runs;
  runs.push_back(run_of(a.chunks));
  runs.push_back(run_of(b.chunks));
  Aggregate both{.first = a.first, .end = b.end, .requests = a.requests + b.requests};
  TG_TRY(both.chunks, fold(std::move(runs)));
  return both;
}

Result<void> check_aggregate(Aggregate& aggregate) {
  if (aggregate.end <= aggregate.first) return std::unexpected(not_rows("of no sequence"));
  if (aggregate.chunks.size() > kAggregateChunksMax) return std::unexpected(not_rows("too many chunks"));
  const std::uint64_t most = aggregate.end - aggregate.first;
  std::uint64_t requests = 0;
  bool in_order = true;
  bool whole = true;
  std::optional<RollupKey> last;
  const bool sound = each_row(aggregate.chunks, kAllParts, [&](const RollupRow& row) {
    in_order = in_order && (!last || *last < row.key);
    whole = whole && row.key.key <= kKeyNumberMax && row.key.bucket() % kAggregateUnit.count() == 0;
    last = row.key;
    // Not more than what is left, so that the sum cannot overflow.
    whole = whole && row.counts.requests > 0 && row.counts.requests <= most - requests;
    if (whole) requests += row.counts.requests;
  });
  if (!sound) return std::unexpected(not_rows("not a chunk"));
  if (!in_order) return std::unexpected(not_rows("the rows are not in order"));
  if (!whole) return std::unexpected(not_rows("more requests than sequences, no whole minute, or nobody's key"));
  aggregate.requests = requests;
  return {};
}

Result<BatchSum> sum_up(const Aggregate& aggregate, const BatchClock& clock, Seconds window) {
  BatchSum sum;
  const auto put = [&](Chunk chunk) -> Result<void> {
    sum.chunks.push_back(std::move(chunk));
    return {};
  };
  MinuteRows in_time(window, put);
  // Rows that get another minute are in order among themselves, not among the others.
  MinuteRows ahead(window, put);
  MinuteRows late(window, put);
  const std::int64_t earliest = std::max<std::int64_t>(second_of(clock.earliest), 0);
  const std::int64_t latest = second_of(clock.latest);
  Result<void> added;
  const bool sound = each_row(aggregate.chunks, kAllParts, [&](const RollupRow& row) {
    sum.all += row.counts;
    if (!added) return;
    if (row.key.bucket() > latest) {
      sum.clamped_future += row.counts.requests;
      added = ahead.add(moved(row, second_of(clock.now)));
    } else if (row.key.bucket() + kAggregateUnit.count() <= earliest) {
      sum.clamped_past += row.counts.requests;
      added = late.add(moved(row, earliest));
    } else {
      added = in_time.add(row);
    }
  });
  if (!sound) return std::unexpected(not_rows("not a chunk"));
  for (MinuteRows* const rows : {&in_time, &ahead, &late}) {
    if (added) added = rows->finish();
  }
  if (!added) return std::unexpected(std::move(added).error());
  return sum;
}

std::vector<NameUse> names_used(const Aggregate& aggregate) {
  std::set<NameUse> used;
  each_row(aggregate.chunks, {}, [&](const RollupRow& row) {
    used.insert({NameKind::route, row.key.route()});
    used.insert({NameKind::tier, row.key.tier()});
    used.insert({NameKind::consumer, row.key.consumer});
  });
  std::erase_if(used, [](const NameUse& use) { return use.ref == 0; });
  return {used.begin(), used.end()};
}

}  // namespace tollgate::core
