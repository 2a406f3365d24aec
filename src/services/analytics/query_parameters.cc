#include "services/analytics/query_parameters.h"

#include <algorithm>

#include "base/str.h"
#include "services/analytics/query_text.h"

namespace tollgate::services {
namespace {

constexpr Seconds kLongestRange{400L * 86'400};
constexpr std::int64_t kWantedPoints = 300;
constexpr std::size_t kMostPoints = 11'000;
constexpr std::array<std::int64_t, 14> kRoundSteps{1,   2,   5,     10,    15,     30,     60,
                                                   300, 900, 1'800, 3'600, 10'800, 43'200, 86'400};

// "60", "60s", "5m", "1h", "1d"
std::optional<Seconds> parse_step(std::string_view text) {
  std::int64_t unit = 1;
  if (!text.empty() && (text.back() < '0' || text.back() > '9')) {
    switch (text.back()) {
      case 's': unit = 1; break;
      case 'm': unit = 60; break;
      case 'h': unit = 3'600; break;
      case 'd': unit = 86'400; break;
      default: return std::nullopt;
    }
    text.remove_suffix(1);
  }
  const auto number = str::parse_int<std::int64_t>(text);
  if (!number || *number < 1 || *number > 86'400 / unit) return std::nullopt;
  return Seconds(*number * unit);
}

Seconds choose_step(const TimeRange& range) {
  const std::int64_t span = std::chrono::ceil<Seconds>(range.to - range.from).count();
  for (const std::int64_t step : kRoundSteps) {
    if (span / step <= kWantedPoints) return Seconds(step);
  }
  return Seconds(kRoundSteps.back());
}

Result<std::vector<ports::GroupBy>> read_groups(std::string_view text) {
  static constexpr std::pair<std::string_view, ports::GroupBy> kGroups[] = {{"key", ports::GroupBy::key},
                                                                            {"route", ports::GroupBy::route},
                                                                            {"status", ports::GroupBy::status},
                                                                            {"tier", ports::GroupBy::tier}};
  std::vector<ports::GroupBy> groups;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const auto found =
        std::find_if(std::begin(kGroups), std::end(kGroups), [&](const auto& group) { return group.first == word; });
    if (found == std::end(kGroups)) return bad_parameter("groupBy", "is a list of key, route, status and tier");
    if (std::find(groups.begin(), groups.end(), found->second) != groups.end())
      return bad_parameter("groupBy", "names a group twice");
    groups.push_back(found->second);
  }
  return groups;
}

}  // namespace

Result<TimeRange> read_range(const http::Request& request, WallTime now, Seconds default_span) {
  TG_TRY(const WallTime to, read_time(request, "to", std::chrono::ceil<Seconds>(now)));
  TG_TRY(const WallTime from, read_time(request, "from", to - default_span));
  if (from >= to) return bad_parameter("from", "must be before \"to\"");
  if (to - from > kLongestRange) return bad_parameter("from", "is more than 400 days before \"to\"");
  return TimeRange{from, to};
}

Result<ports::SeriesQuery> read_series_query(const http::Request& request, WallTime now) {
  if (auto known = expect_parameters(request, {"metric", "groupBy", "from", "to", "step", "key", "route", "series"});
      !known) {
    return std::unexpected(std::move(known).error());
  }
  static constexpr std::string_view kMetrics[] = {"requests", "allowed", "rateLimited", "errors", "latency"};
  const auto metric = request.query("metric");
  if (metric && std::find(std::begin(kMetrics), std::end(kMetrics), *metric) == std::end(kMetrics)) {
    return bad_parameter("metric", "is one of requests, allowed, rateLimited, errors and latency");
  }
  ports::SeriesQuery query;
  TG_TRY(const TimeRange range, read_range(request, now, Seconds(3'600)));
  query.from = range.from;
  query.to = range.to;
  query.step = choose_step(range);
  if (const auto text = request.query("step")) {
    const auto step = parse_step(*text);
    if (!step) return bad_parameter("step", "is a time from 1s to 1d, such as 60s or 5m");
    query.step = *step;
  }
  if (static_cast<std::size_t>((range.to - range.from) / query.step) > kMostPoints) {
    return bad_parameter("step", "makes more than 11,000 points; choose a longer step or a shorter range");
  }
  TG_TRY(query.group_by, read_groups(request.query("groupBy").value_or("")));
  if (const auto key = request.query("key")) {
    query.key = core::KeyId::parse(*key);
    if (!query.key) return bad_parameter("key", "is not the id of a key (ten letters and digits)");
  }
  if (const auto route = request.query("route")) query.route = std::string(*route);
  TG_TRY(query.max_series, read_count(request, "series", query.max_series));
  return query;
}

Result<TopQuery> read_top_query(const http::Request& request, WallTime now) {
  if (auto known = expect_parameters(request, {"by", "from", "to", "limit"}); !known)
    return std::unexpected(std::move(known).error());
  TopQuery query;
  const auto by = request.query("by").value_or("key");
  if (by != "key" && by != "endpoint") return bad_parameter("by", "is key or endpoint");
  query.by = by == "key" ? TopQuery::By::key : TopQuery::By::endpoint;
  TG_TRY(query.range, read_range(request, now, Seconds(15 * 60)));
  TG_TRY(query.count, read_count(request, "limit", query.count));
  return query;
}

}  // namespace tollgate::services
