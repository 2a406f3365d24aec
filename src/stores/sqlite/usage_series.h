// Time series out of roll-ups: which level answers, the busiest groups, zeros where nothing happened.
#pragma once

#include <vector>

#include "ports/usage_store.h"
#include "stores/sqlite/usage_connection.h"
#include "stores/sqlite/usage_names.h"

namespace tollgate::stores {

inline constexpr std::int64_t kPointsPerSeriesMax = 11'000;
inline constexpr std::int64_t kPointsMax = 250'000;  // of all series

// What a query means: the points' places, and the rows they come from.
struct SeriesPlan {
  RollupRange range;  // from: the first point's time
  std::int64_t step = 60;
  std::int64_t points = 0;
};

// Steps of whole minutes are answered from minutes; others, and ranges of at most five minutes, from seconds, which are
// kept for an hour. invalid_parameter says what is not possible and what is.
Result<SeriesPlan> plan_series(const ports::SeriesQuery& query, WallTime now);

// `reader` reads twice, which is why it must see one state of the file.
Result<std::vector<ports::Series>> read_series(UsageConnection& reader, const SeriesPlan& plan,
                                               const ports::SeriesQuery& query, const UsageNames& names);

}  // namespace tollgate::stores
