#include "stores/sqlite/usage_series.h"

#include <algorithm>

#include "base/str.h"
#include "core/usage/row_table.h"
#include "stores/sqlite/usage_recent.h"

namespace tollgate::stores {

using core::RollupKey;
using core::RollupRow;
using core::RollupValue;
using core::RowParts;
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

// The parts of a key that the query groups by: equal for rows of one group.
class Grouping {
 public:
  explicit Grouping(const SeriesQuery& query) {
    constexpr std::uint64_t kAll = ~std::uint64_t{0};
    if (groups_by(query, GroupBy::key)) mask_.key = kAll;
    if (groups_by(query, GroupBy::route)) mask_.place |= kAll << 32;
    if (groups_by(query, GroupBy::tier)) mask_.place |= kAll >> 32;
    if (groups_by(query, GroupBy::status)) mask_.rest = std::uint64_t{0xff} << 48;
  }
  RollupKey of(const RollupKey& key) const {
    return {.key = key.key & mask_.key, .place = key.place & mask_.place, .rest = key.rest & mask_.rest};
  }

 private:
  RollupKey mask_;
};

std::map<std::string, std::string> group_text(const RollupKey& group, const SeriesQuery& query,
                                              const UsageNames& names) {
  std::map<std::string, std::string> text;
  if (groups_by(query, GroupBy::key)) text["key"] = group.key == 0 ? "none" : std::string(group.key_id().view());
  if (groups_by(query, GroupBy::route)) text["route"] = names.text(core::NameKind::route, group.route());
  if (groups_by(query, GroupBy::tier)) text["tier"] = names.text(core::NameKind::tier, group.tier());
  if (groups_by(query, GroupBy::status)) {
    text["status"] = group.status_class() == 0 ? "none" : str::cat(group.status_class(), "xx");
  }
  return text;
}

// Each group's place in the answer, the busiest first. Groups that found no place share the last one, "other".
struct Places {
  core::RowTable<std::size_t> of_group;
  std::vector<Series> series;
  bool has_other = false;
};

Result<Places> place_groups(UsageConnection& reader, const SeriesPlan& plan, const SeriesQuery& query,
                            const UsageNames& names) {
  core::RowTable<std::uint64_t> requests;
  const Grouping grouping(query);
  auto done = reader.each_row<RowParts::requests>(
      plan.range, [&](const RollupRow& row) { requests.at(grouping.of(row.key)) += row.counts.requests; });
  if (!done) return std::unexpected(std::move(done).error());
  if (query.group_by.empty()) requests.at({});  // one series, be it of zeros

  using Entry = core::RowTable<std::uint64_t>::Entry;
  std::vector<Entry> order(requests.entries().begin(), requests.entries().end());
  const bool has_other = order.size() > query.max_series;
  const auto end = has_other ? order.begin() + static_cast<std::ptrdiff_t>(query.max_series) : order.end();
  std::ranges::partial_sort(order, end, [](const Entry& a, const Entry& b) {
    return a.value != b.value ? a.value > b.value : a.key < b.key;
  });
  order.erase(end, order.end());
  Places places;
  places.has_other = has_other;
  for (const Entry& entry : order) {
    places.of_group.at(entry.key) = places.series.size();
    places.series.push_back({.group = group_text(entry.key, query, names), .points = {}});
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
  SeriesPlan plan{.range = {.key = query.key, .route = {}}, .step = step};
  if (query.route) plan.range.route = core::name_ref(core::NameKind::route, *query.route);
  const bool minutes = whole_minutes && !short_and_fresh;
  plan.range.finest = minutes ? kMinuteLevel : kSecondLevel;
  plan.range.from = minutes ? from - from % kMinute : from;
  plan.range.to = to;
  // Coarser rows do where no point begins within one.
  plan.range.coarsest = kDayLevel;
  const auto fits = [&](std::size_t level) {
    const std::int64_t unit = kUsageLevels[level].shape.unit.count();
    return step % unit == 0 && plan.range.from % unit == 0;
  };
  while (plan.range.coarsest > plan.range.finest && !fits(plan.range.coarsest)) --plan.range.coarsest;
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
  const Grouping grouping(query);
  auto done = reader.each_row<RowParts::all>(plan.range, [&](const RollupRow& row) {
    const std::size_t* const place = places.of_group.find(grouping.of(row.key));
    const std::size_t series = place != nullptr ? *place : places.series.size() - 1;
    const auto point = static_cast<std::size_t>((row.key.bucket() - plan.range.from) / plan.step);
    sums[series * points + point].add(row);
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
