// The query strings of the analytics endpoints, checked.
#pragma once

#include "http/request.h"
#include "ports/usage_store.h"

namespace tollgate::services {

struct TimeRange {
  WallTime from{};
  WallTime to{};
};

// Whole seconds. Without `from`: `default_span` before `to`; without `to`: now. Both must be in order and at most 400
// days apart.
Result<TimeRange> read_range(const http::Request& request, WallTime now, Seconds default_span);

// metric, groupBy, from, to, step, key, route, series. A step that is not given is the least round one that makes at
// most 300 points. Fails with invalid_parameter, naming the parameter.
Result<ports::SeriesQuery> read_series_query(const http::Request& request, WallTime now);

struct TopQuery {
  enum class By : std::uint8_t { key, endpoint };
  By by = By::key;
  TimeRange range;
  std::size_t count = 10;
};
Result<TopQuery> read_top_query(const http::Request& request, WallTime now);

}  // namespace tollgate::services
