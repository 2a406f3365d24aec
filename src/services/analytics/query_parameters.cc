#include "services/analytics/query_parameters.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/str.h"
#include "codec/http1/head.h"
#include "services/analytics/query_text.h"

namespace tollgate::services {

using ports::Dimension;

namespace {

constexpr Seconds kLongestRange{3660L * 86'400};
constexpr Seconds kHour{3600};
constexpr Seconds kQuarter{900};
constexpr std::int64_t kStepMax = 31 * 86'400;
constexpr std::size_t kQuantilesMax = 20;

// These, and those that filter.
Result<void> expect_only(const http::Request& request, std::vector<std::string_view> known) {
  known.insert(known.end(), {"from", "to", "key", "consumer", "route", "tier", "status", "method"});
  return expect_parameters(request, known);
}

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
  if (!number || *number < 1 || *number > kStepMax / unit) return std::nullopt;
  return Seconds(*number * unit);
}

// The next of "a,b,c", which loses it.
std::string_view take_word(std::string_view& list) {
  const std::string_view word = list.substr(0, list.find(','));
  list.remove_prefix(std::min(list.size(), word.size() + 1));
  return word;
}

Result<std::vector<Dimension>> read_groups(const http::Request& request) {
  std::vector<Dimension> groups;
  std::string_view list = request.query("groupBy").value_or("");
  while (!list.empty()) {
    const auto group = ports::dimension_of(take_word(list));
    if (!group) return bad_parameter("groupBy", "is a list of key, consumer, route, tier, status and method");
    if (std::ranges::find(groups, *group) != groups.end()) return bad_parameter("groupBy", "names a group twice");
    groups.push_back(*group);
  }
  return groups;
}

// What is always answered, and what is asked for beyond it.
Result<ports::MetricSet> read_metrics(const http::Request& request) {
  ports::MetricSet metrics = ports::kUsualMetrics;
  const auto text = request.query("metric");
  if (!text) return metrics;
  std::string_view list = *text;
  do {
    const auto metric = ports::metric_of(take_word(list));
    if (!metric) {
      return bad_parameter("metric",
                           "is a list of requests, allowed, rateLimited, unauthorized, errors, latency, bytesIn, "
                           "bytesOut, cost and clients");
    }
    metrics.add(*metric);
  } while (!list.empty());
  return metrics;
}

// "2xx" … "5xx", "none"
std::optional<std::uint8_t> parse_status(std::string_view text) {
  if (text == "none") return 0;
  if (text.size() != 3 || text[0] < '1' || text[0] > '5' || text.substr(1) != "xx") return std::nullopt;
  return static_cast<std::uint8_t>(text[0] - '0');
}

std::optional<std::string> read_name(const http::Request& request, std::string_view name) {
  return request.query(name).transform([](std::string_view text) { return std::string(text); });
}

Result<ports::UsageFilter> read_filter(const http::Request& request) {
  ports::UsageFilter filter{.consumer = read_name(request, "consumer"),
                            .route = read_name(request, "route"),
                            .tier = read_name(request, "tier")};
  if (const auto key = request.query("key")) {
    filter.key = core::KeyId::parse(*key);
    if (!filter.key) return bad_parameter("key", "is not the id of a key (ten letters and digits)");
  }
  if (const auto status = request.query("status")) {
    filter.status_class = parse_status(*status);
    if (!filter.status_class) return bad_parameter("status", "is one of 1xx, 2xx, 3xx, 4xx, 5xx and none");
  }
  if (const auto method = request.query("method")) {
    const codec::Method parsed = codec::parse_method(*method);
    if (parsed == codec::Method::other && *method != "OTHER") return bad_parameter("method", "is a method such as GET");
    filter.method = static_cast<std::uint8_t>(parsed);
  }
  return filter;
}

std::optional<double> parse_quantile(std::string_view text) {
  double number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_one = fault == std::errc() && end == text.data() + text.size() && number >= 0 && number <= 1;
  return is_one ? std::optional(number) : std::nullopt;
}

Result<std::vector<double>> read_quantiles(const http::Request& request) {
  std::vector<double> quantiles;
  std::string_view list = request.query("quantiles").value_or("0.5,0.9,0.99");
  do {
    const auto quantile = parse_quantile(take_word(list));
    if (!quantile) return bad_parameter("quantiles", "is a list of numbers from 0 to 1");
    quantiles.push_back(*quantile);
  } while (!list.empty());
  if (quantiles.size() > kQuantilesMax) return bad_parameter("quantiles", "has more than 20 numbers");
  return quantiles;
}

constexpr std::pair<std::string_view, ports::TopQuery::By> kTops[] = {
    {"key", ports::TopQuery::By::key},      {"endpoint", ports::TopQuery::By::endpoint},
    {"route", ports::TopQuery::By::route},  {"consumer", ports::TopQuery::By::consumer},
    {"tier", ports::TopQuery::By::tier},    {"status", ports::TopQuery::By::status},
    {"method", ports::TopQuery::By::method}};

}  // namespace

Result<TimeRange> read_range(const http::Request& request, WallTime now, Seconds default_span) {
  TG_TRY(const WallTime to, read_time(request, "to", std::chrono::ceil<Seconds>(now)));
  TG_TRY(const WallTime from, read_time(request, "from", to - default_span));
  if (from >= to) return bad_parameter("from", "must be before \"to\"");
  if (to - from > kLongestRange) return bad_parameter("from", "is more than ten years before \"to\"");
  return TimeRange{from, to};
}

Result<ports::SeriesQuery> read_series_query(const http::Request& request, WallTime now) {
  if (auto known = expect_only(request, {"metric", "groupBy", "step", "series"}); !known) {
    return std::unexpected(std::move(known).error());
  }
  ports::SeriesQuery query;
  TG_TRY(const TimeRange range, read_range(request, now, kHour));
  query.from = range.from;
  query.to = range.to;
  if (const auto text = request.query("step")) {
    query.step = parse_step(*text);
    if (!query.step) return bad_parameter("step", "is a time from 1s to 31d, such as 60s or 5m");
  }
  TG_TRY(query.metrics, read_metrics(request));
  TG_TRY(query.group_by, read_groups(request));
  TG_TRY(query.filter, read_filter(request));
  TG_TRY(query.max_series, read_count(request, "series", query.max_series));
  return query;
}

Result<ports::LatencyQuery> read_latency_query(const http::Request& request, WallTime now) {
  if (auto known = expect_only(request, {"quantiles", "groupBy", "groups"}); !known) {
    return std::unexpected(std::move(known).error());
  }
  ports::LatencyQuery query;
  TG_TRY(const TimeRange range, read_range(request, now, kHour));
  query.from = range.from;
  query.to = range.to;
  TG_TRY(query.quantiles, read_quantiles(request));
  TG_TRY(query.group_by, read_groups(request));
  TG_TRY(query.filter, read_filter(request));
  TG_TRY(query.max_groups, read_count(request, "groups", query.max_groups));
  return query;
}

Result<ports::TopQuery> read_top_query(const http::Request& request, WallTime now) {
  if (auto known = expect_only(request, {"by", "metric", "limit"}); !known) {
    return std::unexpected(std::move(known).error());
  }
  ports::TopQuery query;
  const std::string_view by = request.query("by").value_or("key");
  const auto* const top = std::ranges::find(kTops, by, &std::pair<std::string_view, ports::TopQuery::By>::first);
  if (top == std::end(kTops))
    return bad_parameter("by", "is one of key, endpoint, route, consumer, tier, status and method");
  query.by = top->second;
  const auto metric = ports::metric_of(request.query("metric").value_or("requests"));
  if (!metric || !ports::kCountMetrics.has(*metric)) {
    return bad_parameter("metric",
                         "is one of requests, allowed, rateLimited, unauthorized, errors, bytesIn, bytesOut and cost");
  }
  query.metric = *metric;
  TG_TRY(const TimeRange range, read_range(request, now, kQuarter));
  query.from = range.from;
  query.to = range.to;
  TG_TRY(query.filter, read_filter(request));
  TG_TRY(query.count, read_count(request, "limit", query.count));
  return query;
}

}  // namespace tollgate::services
