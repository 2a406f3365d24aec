// Columns of usage.db as values.
#pragma once

#include "core/usage/rollup.h"
#include "stores/sqlite/statement.h"

namespace tollgate::stores {

// The eight counters from column `first` on: requests, allowed, rate_limited, unauthorized, errors, bytes_in,
// bytes_out, cost.
inline core::RollupCounts read_counts(const Statement& row, int first) {
  return {.requests = row.unsigned_integer(first),
          .allowed = row.unsigned_integer(first + 1),
          .rate_limited = row.unsigned_integer(first + 2),
          .unauthorized = row.unsigned_integer(first + 3),
          .errors = row.unsigned_integer(first + 4),
          .bytes_in = row.unsigned_integer(first + 5),
          .bytes_out = row.unsigned_integer(first + 6),
          .cost = row.unsigned_integer(first + 7)};
}

}  // namespace tollgate::stores
