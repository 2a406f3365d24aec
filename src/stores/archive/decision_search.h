// The records of one decision id, which says in which second to look. Thread safety: any.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "core/usage/record_filter.h"
#include "stores/archive/archive_query.h"

namespace tollgate::stores {

// store_unavailable when `end` comes first.
Result<std::vector<core::LoggedRecord>> find_decision(ArchiveQuery& query, std::uint64_t decision_id,
                                                      const Clock& clock, MonoTime end);

}  // namespace tollgate::stores
