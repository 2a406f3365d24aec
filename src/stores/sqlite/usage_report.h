// Sums of all keys, consumers or tiers, in parts that are each read in a moment: rows stand in order of key, so that a
// part is a range of keys.
#pragma once

#include "ports/usage_query.h"
#include "stores/sqlite/usage_connection.h"
#include "stores/sqlite/usage_names.h"
#include "stores/sqlite/usage_plan.h"

namespace tollgate::stores {

Result<ports::ReportPart> read_report(UsageConnection& reader, const RangePlan& plan, const ports::ReportQuery& query,
                                      const UsageNames& names);

}  // namespace tollgate::stores
