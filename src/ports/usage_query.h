// Questions about usage, and their answers. Counts are exact; latencies within core::Histogram::kRelativeErrorMax;
// distinct clients exact while few, else within core::kDistinctRelativeError in 19 of 20 cases.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/access/api_key.h"
#include "core/usage/rollup.h"

namespace tollgate::ports {

// requests, allowed, rate_limited, unauthorized, errors, bytes_in, bytes_out, cost.
using UsageCounts = core::RollupCounts;

enum class Metric : std::uint8_t {
  requests,
  allowed,
  rate_limited,
  unauthorized,
  errors,
  bytes_in,
  bytes_out,
  cost,
  latency,
  clients,
};

class MetricSet {
 public:
  constexpr MetricSet(std::initializer_list<Metric> metrics) {
    for (const Metric metric : metrics) add(metric);
  }
  constexpr void add(Metric metric) { bits_ |= bit(metric); }
  constexpr bool has(Metric metric) const { return (bits_ & bit(metric)) != 0; }
  constexpr bool operator==(const MetricSet&) const = default;
  std::vector<Metric> list() const {
    std::vector<Metric> all;
    for (unsigned i = 0; i <= static_cast<unsigned>(Metric::clients); ++i) {
      if (has(static_cast<Metric>(i))) all.push_back(static_cast<Metric>(i));
    }
    return all;
  }

 private:
  static constexpr std::uint16_t bit(Metric metric) {
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(metric));
  }
  std::uint16_t bits_ = 0;
};
inline constexpr MetricSet kCountMetrics{Metric::requests, Metric::allowed,  Metric::rate_limited, Metric::unauthorized,
                                         Metric::errors,   Metric::bytes_in, Metric::bytes_out,    Metric::cost};
// All but clients, which cost most and have to be asked for.
inline constexpr MetricSet kUsualMetrics{Metric::requests,     Metric::allowed, Metric::rate_limited,
                                         Metric::unauthorized, Metric::errors,  Metric::bytes_in,
                                         Metric::bytes_out,    Metric::cost,    Metric::latency};
// The value of a metric that is a count; 0 for the others.
std::uint64_t value_of(const UsageCounts& counts, Metric metric);

enum class Dimension : std::uint8_t { key, consumer, route, tier, status, method };

// What they are called in questions and answers: "rateLimited", "key".
std::string_view name_of(Metric metric);
std::string_view name_of(Dimension dimension);
std::optional<Metric> metric_of(std::string_view name);
std::optional<Dimension> dimension_of(std::string_view name);

// What is absent is not asked for. "none" as a name means requests without one.
struct UsageFilter {
  std::optional<core::KeyId> key;
  std::optional<std::string> consumer;
  std::optional<std::string> route;
  std::optional<std::string> tier;
  std::optional<std::uint8_t> status_class;  // 2: 2xx; 0: no response
  std::optional<std::uint8_t> method;        // as in a decision record
};

// What rows have in common: "key" → id, "consumer", "route", "tier" → name, "status" → "2xx", "method" → "GET". "none"
// where there is none; {"other": "true"} for all groups that are not shown.
using UsageGroup = std::map<std::string, std::string>;

// What an answer covers: whole minutes around the range that was asked about, whole hours or days where minutes are not
// kept so far back, seconds within the last minutes.
struct AnsweredRange {
  WallTime from{};
  WallTime to{};
  std::optional<WallTime> kept_from;  // when not all of it is kept any more: since when it is
};

struct LatencyMs {
  double p50 = 0, p90 = 0, p99 = 0;
};

struct SeriesQuery {
  WallTime from{};
  WallTime to{};                // exclusive
  std::optional<Seconds> step;  // 1 s … 31 days; absent: a round one that makes at most 300 points
  std::vector<Dimension> group_by;
  UsageFilter filter;
  MetricSet metrics = kUsualMetrics;
  std::size_t max_series = 50;  // the busiest; the rest are one series
};

struct SeriesPoint {
  WallTime time{};
  UsageCounts counts;
  LatencyMs latency;
  std::uint64_t clients = 0;
};

struct Series {
  UsageGroup group;
  std::vector<SeriesPoint> points;  // one per step, empty ones with zeros
};

struct SeriesAnswer {
  AnsweredRange range;
  Seconds step{60};
  std::vector<Series> series;  // the busiest first
};

struct LatencyQuery {
  WallTime from{};
  WallTime to{};
  std::vector<double> quantiles;  // 0 … 1
  std::vector<Dimension> group_by;
  UsageFilter filter;
  std::size_t max_groups = 50;
};

struct LatencyGroup {
  UsageGroup group;
  std::uint64_t requests = 0;
  std::vector<double> ms;  // one per quantile; 0 without requests
};

struct LatencyAnswer {
  AnsweredRange range;
  std::vector<LatencyGroup> groups;  // the busiest first
};

struct TopQuery {
  enum class By : std::uint8_t { key, endpoint, route, consumer, tier, status, method };
  WallTime from{};
  WallTime to{};
  By by = By::key;
  Metric metric = Metric::requests;  // one that is a count
  UsageFilter filter;
  std::size_t count = 10;
};

struct TopEntry {
  std::string name;  // as in UsageGroup; of an endpoint "METHOD route"
  UsageCounts counts;
  LatencyMs latency;
};

struct TopAnswer {
  AnsweredRange range;
  std::vector<TopEntry> entries;  // greatest first; by key, not requests that had none
};

// For bills: every entry, all counts exact, in parts of bounded size.
struct ReportQuery {
  enum class By : std::uint8_t { key, consumer, tier };
  WallTime from{};
  WallTime to{};  // exclusive; both whole minutes, or hours or days where minutes are not kept so far back
  By by = By::key;
  std::uint64_t first_key = 0;      // goes on where the part before has ended
  std::uint64_t rows = 256 * 1024;  // of a part, about; each may take ~100 bytes
};

struct ReportEntry {
  std::string name;  // as in UsageGroup; "none" for requests without one
  UsageCounts counts;
};

struct ReportPart {
  // By key: in order, each once in all parts. Else what the keys of this part come to, in order of name.
  std::vector<ReportEntry> entries;
  std::optional<std::uint64_t> next_key;  // nothing: it was the last
};

}  // namespace tollgate::ports
