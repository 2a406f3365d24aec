#include "stores/sqlite/usage_report.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/usage/row_table.h"
#include "stores/sqlite/usage_groups.h"

namespace tollgate::stores {

using core::RollupCounts;
using core::RollupRow;
using ports::Dimension;
using ports::ReportQuery;

namespace {

Dimension dimension_of(ReportQuery::By by) {
  switch (by) {
    case ReportQuery::By::key: return Dimension::key;
    case ReportQuery::By::consumer: return Dimension::consumer;
    case ReportQuery::By::tier: return Dimension::tier;
  }
  return Dimension::key;
}

// Of a part of `keys` that begins with the first: so that the chunks that end within it have about so many rows.
std::uint64_t last_key_of_part(std::vector<StoredChunk> chunks, const KeyRange& keys, std::uint64_t wanted) {
  std::ranges::sort(chunks, {}, [](const StoredChunk& chunk) { return chunk.info.key_max; });
  std::uint64_t rows = 0;
  for (const StoredChunk& chunk : chunks) {
    rows += chunk.info.rows;
    if (rows >= wanted && chunk.info.key_max < keys.last) return chunk.info.key_max;
  }
  return keys.last;
}

}  // namespace

Result<ports::ReportPart> read_report(UsageConnection& reader, const RangePlan& plan, const ReportQuery& query,
                                      const UsageNames& names) {
  const Dimension dimension = dimension_of(query.by);
  const Grouping grouping(std::array{dimension});
  RollupRange range{.finest = plan.finest, .from = plan.from, .to = plan.to};
  narrow(range, {}, grouping);
  ports::ReportPart part;
  if (grouping.needs_keys()) {
    range.keys.first = query.first_key;
    TG_TRY(std::vector<StoredChunk> chunks, reader.chunks_of(range));
    const std::uint64_t last = last_key_of_part(std::move(chunks), range.keys, query.rows);
    if (last < range.keys.last) part.next_key = last + 1;
    range.keys.last = last;
  }
  core::RowTable<RollupCounts> sums;
  auto done = reader.each_row(range, {.counts = true},
                              [&](const RollupRow& row) { sums.at(grouping.of(row.key)) += row.counts; });
  if (!done) return std::unexpected(std::move(done).error());
  using Entry = core::RowTable<RollupCounts>::Entry;
  std::vector<const Entry*> order;
  for (const Entry& entry : sums.entries()) order.push_back(&entry);
  std::ranges::sort(order, {}, [](const Entry* entry) { return entry->key; });
  for (const Entry* entry : order) {
    part.entries.push_back({grouping.text_of(dimension, entry->key, names), entry->value});
  }
  if (query.by != ReportQuery::By::key) std::ranges::sort(part.entries, {}, &ports::ReportEntry::name);
  return part;
}

}  // namespace tollgate::stores
