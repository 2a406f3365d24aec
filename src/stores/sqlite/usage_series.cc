#include "stores/sqlite/usage_series.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/str.h"
#include "core/usage/latency_sum.h"
#include "stores/sqlite/usage_groups.h"
#include "stores/sqlite/usage_recent.h"

namespace tollgate::stores {

using core::RollupRow;
using ports::LatencyQuery;
using ports::Metric;
using ports::SeriesQuery;

namespace {

constexpr std::size_t kGroupsMax = 1000;
// Of all series: each takes ~150 bytes, a latency ~1 KiB more and 8 at most, clients 4 KiB at most.
constexpr std::size_t kPointsMax = 250'000;
constexpr std::size_t kPointsWithLatencyMax = 30'000;
constexpr std::size_t kPointsWithClientsMax = 20'000;

std::unexpected<Error> refuse(std::string detail) {
  return fail(codes::invalid_parameter, std::move(detail));
}

core::RowParts parts_of(const ports::MetricSet& metrics) {
  constexpr std::array kCounts{Metric::allowed,  Metric::rate_limited, Metric::unauthorized, Metric::errors,
                               Metric::bytes_in, Metric::bytes_out,    Metric::cost};
  return {.counts = std::ranges::any_of(kCounts, [&](Metric metric) { return metrics.has(metric); }),
          .latency = metrics.has(Metric::latency),
          .clients = metrics.has(Metric::clients)};
}

struct PointSum {
  core::RollupCounts counts;
  core::LatencySum latency;
  core::Distinct clients;
};

// Those that are shown, and whether there are others, which share the place after the last.
Result<Busiest> find_shown(UsageConnection& reader, const RollupRange& range, const Grouping& grouping,
                           std::size_t most) {
  if (most < 1 || most > kGroupsMax) return refuse(str::cat("1 to ", kGroupsMax, " groups can be asked for"));
  return find_busiest(reader, range, grouping, {.metric = Metric::requests, .count = most});
}

std::size_t places_in(const Busiest& shown) {
  return shown.groups.size() + (shown.are_all ? 0 : 1);
}

ports::UsageGroup text_of(std::size_t place, const Busiest& shown, const Grouping& grouping, const UsageNames& names) {
  if (place == shown.groups.size()) return {{"other", "true"}};
  return grouping.text(shown.groups[place].group, names);
}

Result<void> check_size(const SeriesQuery& query, std::size_t series, std::size_t points) {
  std::size_t most = kPointsMax;
  if (query.metrics.has(Metric::latency)) most = kPointsWithLatencyMax;
  if (query.metrics.has(Metric::clients)) most = kPointsWithClientsMax;
  if (series * points <= most) return {};
  return refuse(str::cat(series, " series of ", points, " points are too much at once; ", most,
                         " points of these metrics are possible: use a longer step, fewer series or fewer metrics"));
}

}  // namespace

Result<ports::SeriesAnswer> read_series(UsageConnection& reader, const SeriesPlan& plan, const SeriesQuery& query,
                                        const UsageNames& names) {
  const Grouping grouping(query.group_by);
  RollupRange range{
      .finest = plan.range.finest, .coarsest = plan.coarsest, .from = plan.range.from, .to = plan.range.to};
  narrow(range, query.filter, grouping);
  TG_TRY(const Busiest shown, find_shown(reader, range, grouping, query.max_series));
  const auto points = static_cast<std::size_t>(plan.points);
  if (auto fits = check_size(query, places_in(shown), points); !fits) return std::unexpected(std::move(fits).error());
  GroupPlaces places(shown.groups);
  std::vector<PointSum> sums(places_in(shown) * points);
  auto done = reader.each_row(range, parts_of(query.metrics), [&](const RollupRow& row) {
    const auto point = static_cast<std::size_t>((row.key.bucket() - plan.range.from) / plan.step);
    PointSum& sum = sums[places.of(grouping.of(row.key)) * points + point];
    sum.counts += row.counts;
    sum.latency.add(row.latency);
    sum.clients.add(row.clients);
  });
  if (!done) return std::unexpected(std::move(done).error());

  ports::SeriesAnswer answer{.range = plan.range.answered(), .step = Seconds(plan.step), .series = {}};
  for (std::size_t place = 0; place < places_in(shown); ++place) {
    answer.series.push_back({.group = text_of(place, shown, grouping, names), .points = {}});
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto second = plan.range.from + static_cast<std::int64_t>(i % points) * plan.step;
    answer.series[i / points].points.push_back({.time = WallTime(Seconds(second)),
                                                .counts = sums[i].counts,
                                                .latency = latency_ms(sums[i].latency.histogram()),
                                                .clients = sums[i].clients.count()});
  }
  return answer;
}

Result<ports::LatencyAnswer> read_latency(UsageConnection& reader, const RangePlan& plan, const LatencyQuery& query,
                                          const UsageNames& names) {
  const Grouping grouping(query.group_by);
  RollupRange range{.finest = plan.finest, .from = plan.from, .to = plan.to};
  narrow(range, query.filter, grouping);
  TG_TRY(const Busiest shown, find_shown(reader, range, grouping, query.max_groups));
  GroupPlaces places(shown.groups);
  std::vector<core::LatencySum> sums(places_in(shown));
  auto done = reader.each_row(range, {.latency = true},
                              [&](const RollupRow& row) { sums[places.of(grouping.of(row.key))].add(row.latency); });
  if (!done) return std::unexpected(std::move(done).error());
  ports::LatencyAnswer answer{.range = plan.answered(), .groups = {}};
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const core::Histogram latency = sums[i].histogram();
    ports::LatencyGroup group{.group = text_of(i, shown, grouping, names), .requests = latency.count(), .ms = {}};
    for (const double q : query.quantiles) group.ms.push_back(latency.quantile_us(q) / 1000);
    answer.groups.push_back(std::move(group));
  }
  return answer;
}

}  // namespace tollgate::stores
