// What version 1 of usage.db kept row by row, as chunks.
#pragma once

#include "stores/sqlite/database.h"
#include "stores/sqlite/usage_chunks.h"

namespace tollgate::stores {

// Does nothing when it has been done. In one transaction: the file has its rows or its chunks, and every figure is the
// same before and after. Latencies that cannot be read are left out, as version 1 did.
Result<void> convert_rows_to_chunks(Database& database, ChunkSink& sink);

}  // namespace tollgate::stores
