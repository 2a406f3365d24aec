// The query strings of the analytics endpoints, checked. Each function fails with invalid_parameter and names the
// parameter that is wrong, unknown or missing.
#pragma once

#include "http/request.h"
#include "ports/usage_query.h"

namespace tollgate::services {

struct TimeRange {
  WallTime from{};
  WallTime to{};
};

// Whole seconds. Without `from`: `default_span` before `to`; without `to`: now. Both must be in order and at most ten
// years apart.
Result<TimeRange> read_range(const http::Request& request, WallTime now, Seconds default_span);

// All of them filter by key, consumer, route, tier, status and method.

// metric, groupBy, from, to, step, series.
Result<ports::SeriesQuery> read_series_query(const http::Request& request, WallTime now);
// quantiles, groupBy, from, to, groups.
Result<ports::LatencyQuery> read_latency_query(const http::Request& request, WallTime now);
// by, metric, from, to, limit.
Result<ports::TopQuery> read_top_query(const http::Request& request, WallTime now);

}  // namespace tollgate::services
