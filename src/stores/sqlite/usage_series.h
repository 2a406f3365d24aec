// Figures of groups, over time or of all of a range, out of roll-ups: which groups are shown is found by their requests
// alone, which is most of the rows' work saved; then they are read as far as the question goes.
//
// `reader` reads twice, which is why it must see one state of the file.
#pragma once

#include "ports/usage_query.h"
#include "stores/sqlite/usage_connection.h"
#include "stores/sqlite/usage_names.h"
#include "stores/sqlite/usage_plan.h"

namespace tollgate::stores {

// Zeros where nothing happened. invalid_parameter for more points than one answer can hold.
Result<ports::SeriesAnswer> read_series(UsageConnection& reader, const SeriesPlan& plan,
                                        const ports::SeriesQuery& query, const UsageNames& names);

Result<ports::LatencyAnswer> read_latency(UsageConnection& reader, const RangePlan& plan,
                                          const ports::LatencyQuery& query, const UsageNames& names);

}  // namespace tollgate::stores
