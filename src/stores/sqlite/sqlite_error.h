// SQLite's result codes as our errors: what an operator must know and do, with the file's name.
#pragma once

#include "base/error.h"

struct sqlite3;

namespace tollgate::stores {

// The error that `db` reports for `result_code` (extended codes allowed). `db` may be null when opening ran out of
// memory.
//   busy, locked, full, read-only, interrupted → store_unavailable   cannot open → data_dir_unusable
//   damaged or foreign file                    → store_corrupt       input/output error → io_failed
//   a broken constraint                        → conflict            anything else → internal
Error sqlite_error(sqlite3* db, int result_code);

}  // namespace tollgate::stores
