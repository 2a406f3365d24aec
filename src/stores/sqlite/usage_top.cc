#include "stores/sqlite/usage_top.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/str.h"
#include "stores/sqlite/usage_groups.h"
#include "stores/sqlite/usage_recent.h"

namespace tollgate::stores {

using core::RollupRow;
using core::RollupValue;
using ports::Dimension;
using ports::Metric;
using ports::TopQuery;

namespace {

constexpr std::size_t kTopMax = 1000;

std::vector<Dimension> dimensions_of(TopQuery::By by) {
  switch (by) {
    case TopQuery::By::key: return {Dimension::key};
    case TopQuery::By::endpoint: return {Dimension::method, Dimension::route};
    case TopQuery::By::route: return {Dimension::route};
    case TopQuery::By::consumer: return {Dimension::consumer};
    case TopQuery::By::tier: return {Dimension::tier};
    case TopQuery::By::status: return {Dimension::status};
    case TopQuery::By::method: return {Dimension::method};
  }
  return {};
}

// The rows of these groups, whole.
Result<std::vector<RollupValue>> read_groups(UsageConnection& reader, const RollupRange& range,
                                             const Grouping& grouping, std::span<const GroupSum> groups) {
  constexpr core::RowParts kParts{.counts = true, .latency = true};
  GroupPlaces places(groups);
  std::vector<RollupValue> sums(groups.size() + 1);
  const auto add = [&](const RollupRow& row) { sums[places.of(grouping.of(row.key))].add(row); };
  Result<void> done;
  if (grouping.is_by_key()) {
    std::vector<std::uint64_t> keys;
    for (const GroupSum& group : groups) keys.push_back(group.group.key);
    std::ranges::sort(keys);
    done = reader.each_row_of(keys, range, kParts, add);
  } else {
    done = reader.each_row(range, kParts, add);
  }
  if (!done) return std::unexpected(std::move(done).error());
  sums.pop_back();
  return sums;
}

}  // namespace

Result<ports::TopAnswer> read_top(UsageConnection& reader, const RangePlan& plan, const TopQuery& query,
                                  const UsageNames& names) {
  if (query.metric == Metric::latency || query.metric == Metric::clients) {
    return fail(codes::invalid_parameter, "the greatest are found by a count, such as requests or bytesOut");
  }
  const std::vector<Dimension> by = dimensions_of(query.by);
  const Grouping grouping(by);
  RollupRange range{.finest = plan.finest, .from = plan.from, .to = plan.to};
  narrow(range, query.filter, grouping);
  if (query.by == TopQuery::By::key) range.keys.first = std::max<std::uint64_t>(range.keys.first, 1);
  const std::size_t count = std::clamp<std::size_t>(query.count, 1, kTopMax);
  TG_TRY(Busiest busiest, find_busiest(reader, range, grouping, {.metric = query.metric, .count = count}));
  std::erase_if(busiest.groups, [](const GroupSum& group) { return group.value == 0; });
  TG_TRY(const auto sums, read_groups(reader, range, grouping, busiest.groups));
  ports::TopAnswer answer{.range = plan.answered(), .entries = {}};
  for (std::size_t i = 0; i < sums.size(); ++i) {
    std::string name;
    for (const Dimension dimension : by) {
      str::append(name, name.empty() ? "" : " ", grouping.text_of(dimension, busiest.groups[i].group, names));
    }
    answer.entries.push_back({std::move(name), sums[i].counts, latency_ms(sums[i].latency)});
  }
  return answer;
}

}  // namespace tollgate::stores
