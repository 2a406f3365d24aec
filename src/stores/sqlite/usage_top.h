// The greatest groups by a count: who they are is found by that count alone, then their rows are read whole.
#pragma once

#include "ports/usage_query.h"
#include "stores/sqlite/usage_connection.h"
#include "stores/sqlite/usage_names.h"
#include "stores/sqlite/usage_plan.h"

namespace tollgate::stores {

// `reader` reads twice, which is why it must see one state of the file. Groups without any are left out.
Result<ports::TopAnswer> read_top(UsageConnection& reader, const RangePlan& plan, const ports::TopQuery& query,
                                  const UsageNames& names);

}  // namespace tollgate::stores
