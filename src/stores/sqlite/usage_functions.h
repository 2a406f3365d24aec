// The schema of usage.db, and the SQL function that its upserts need.
#pragma once

#include <span>

#include "stores/sqlite/database.h"

namespace tollgate::stores {

// Generated from migrations/sqlite/usage/.
std::span<const Migration> usage_migrations();

// merge_latency(stored, added): the two serialised histograms as one. A stored one that is damaged is replaced rather
// than kept: counts and everything later must not be lost for it.
Result<void> register_usage_functions(Database& database);

}  // namespace tollgate::stores
