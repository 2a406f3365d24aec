// Rows of everyone for chunks of earlier versions, which had only those of keys.
#pragma once

#include "stores/sqlite/database.h"
#include "stores/sqlite/usage_chunks.h"

namespace tollgate::stores {

// Does nothing when it has been done. In one transaction. What is in a damaged chunk is left out, as it is for whoever
// asks about its keys.
Result<void> add_rows_of_everyone(Database& database, ChunkSink& sink);

}  // namespace tollgate::stores
