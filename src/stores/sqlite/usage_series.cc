#include "stores/sqlite/usage_series.h"

#include <algorithm>
#include <map>

#include "base/str.h"
#include "stores/sqlite/usage_recent.h"
#include "stores/sqlite/usage_rows.h"
#include "stores/sqlite/usage_writer.h"

namespace tollgate::stores {

using core::RollupKey;
using core::RollupValue;
using ports::GroupBy;
using ports::Series;
using ports::SeriesQuery;

namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kDay = 86'400;

std::unexpected<Error> refuse(std::string detail) {
  return fail(codes::invalid_parameter, std::move(detail));
}

bool groups_by(const SeriesQuery& query, GroupBy dimension) {
  return std::ranges::find(query.group_by, dimension) != query.group_by.end();
}

// The key with only those parts that the query groups by: equal for rows of one group.
RollupKey group_of(const RollupKey& key, const SeriesQuery& query) {
  RollupKey group;
  if (groups_by(query, GroupBy::key)) group.key = key.key;
  if (groups_by(query, GroupBy::route)) group.route = key.route;
  if (groups_by(query, GroupBy::tier)) group.tier = key.tier;
  if (groups_by(query, GroupBy::status)) group.status_class = key.status_class;
  return group;
}

std::map<std::string, std::string> group_text(const RollupKey& group, const SeriesQuery& query,
                                              const UsageNames& names) {
  std::map<std::string, std::string> text;
  if (groups_by(query, GroupBy::key)) text["key"] = group.key.empty() ? "none" : group.key.view();
  if (groups_by(query, GroupBy::route)) text["route"] = names.text(core::NameKind::route, group.route);
  if (groups_by(query, GroupBy::tier)) text["tier"] = names.text(core::NameKind::tier, group.tier);
  if (groups_by(query, GroupBy::status)) {
    text["status"] = group.status_class == 0 ? "none" : str::cat(group.status_class, "xx");
  }
  return text;
}

// Each group's place in the answer, the busiest first. Groups that found no place share the last one, "other".
struct Places {
  std::map<RollupKey, std::size_t> of_group;
  std::vector<Series> series;
  bool has_other = false;
};

Result<Places> place_groups(UsageConnection& reader, const SeriesPlan& plan, const SeriesQuery& query,
                            const UsageNames& names) {
  std::map<RollupKey, std::uint64_t> requests;
  auto done = reader.each_rollup(plan.range, [&](const RollupKey& key, const Statement& row) {
    requests[group_of(key, query)] += row.unsigned_integer(UsageConnection::kRollupCounts);
  });
  if (!done) return std::unexpected(std::move(done).error());
  if (query.group_by.empty()) requests.try_emplace(RollupKey{});  // one series, be it of zeros

  std::vector<std::pair<RollupKey, std::uint64_t>> order(requests.begin(), requests.end());
  std::ranges::sort(order, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  Places places;
  places.has_other = order.size() > query.max_series;
  if (places.has_other) order.resize(query.max_series);
  for (const auto& [group, count] : order) {
    places.of_group[group] = places.series.size();
    places.series.push_back({.group = group_text(group, query, names), .points = {}});
  }
  if (places.has_other) places.series.push_back({.group = {{"other", "true"}}, .points = {}});
  return places;
}

}  // namespace

Result<SeriesPlan> plan_series(const SeriesQuery& query, WallTime now) {
  const std::int64_t step = query.step.count();
  if (step < 1 || step > kDay) return refuse("step is 1 second to 1 day");
  if (query.from >= query.to) return refuse("from must be before to");
  if (query.from.time_since_epoch().count() < 0) return refuse("from must not be before 1970");
  if (query.max_series < 1 || query.max_series > 200) return refuse("1 to 200 series can be asked for");
  const std::int64_t from = std::chrono::floor<Seconds>(query.from).time_since_epoch().count();
  const std::int64_t to = std::chrono::ceil<Seconds>(query.to).time_since_epoch().count();
  const std::int64_t oldest_second = std::chrono::floor<Seconds>(now - kSecondsKept).time_since_epoch().count();

  const bool whole_minutes = step % kMinute == 0;
  const bool short_and_fresh = to - from <= 5 * kMinute && from >= oldest_second;
  if (!whole_minutes && from < oldest_second) {
    return refuse(str::cat("steps that are not whole minutes reach back ", kSecondsKept.count(),
                           " seconds; use a step of a multiple of 60"));
  }
  SeriesPlan plan{.range = {.key = query.key, .route = std::nullopt}, .step = step};
  if (query.route) plan.range.route = core::name_ref(core::NameKind::route, *query.route);
  const bool minutes = whole_minutes && !short_and_fresh;
  plan.range.width = minutes ? Seconds(kMinute) : Seconds(1);
  plan.range.from = minutes ? from - from % kMinute : from;
  plan.range.to = to;
  plan.points = (to - plan.range.from + step - 1) / step;
  if (plan.points > kPointsPerSeriesMax) {
    return refuse(
        str::cat("that is ", plan.points, " points; ", kPointsPerSeriesMax, " are possible: use a longer step"));
  }
  return plan;
}

Result<std::vector<Series>> read_series(UsageConnection& reader, const SeriesPlan& plan, const SeriesQuery& query,
                                        const UsageNames& names) {
  TG_TRY(Places places, place_groups(reader, plan, query, names));
  const auto points = static_cast<std::size_t>(plan.points);
  if (static_cast<std::int64_t>(places.series.size()) * plan.points > kPointsMax) {
    return refuse(str::cat(places.series.size(), " series of ", points, " points are too much at once; ", kPointsMax,
                           " points are possible: use a longer step or fewer series"));
  }
  std::vector<RollupValue> sums(places.series.size() * points);
  auto done = reader.each_rollup(plan.range, [&](const RollupKey& key, const Statement& row) {
    const auto place = places.of_group.find(group_of(key, query));
    // A group that came up between the two readings goes to the others, or waits for the next query.
    if (place == places.of_group.end() && !places.has_other) return;
    const std::size_t series = place != places.of_group.end() ? place->second : places.series.size() - 1;
    const auto point = static_cast<std::size_t>((key.bucket - plan.range.from) / plan.step);
    add_row(sums[series * points + point], row, UsageConnection::kRollupCounts);
  });
  if (!done) return std::unexpected(std::move(done).error());

  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto second = plan.range.from + static_cast<std::int64_t>(i % points) * plan.step;
    places.series[i / points].points.push_back(
        {.time = WallTime(Seconds(second)), .counts = sums[i].counts, .latency = latency_ms(sums[i].latency)});
  }
  return std::move(places.series);
}

}  // namespace tollgate::stores
