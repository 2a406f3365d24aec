// Rows of rollup and key_total as values.
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

// Adds what a row holds: counters from column `first` on, the histogram in the column after them. A damaged histogram
// costs its latencies, not its counts.
inline void add_row(core::RollupValue& to, const Statement& row, int first) {
  to.counts += read_counts(row, first);
  [[maybe_unused]] const bool sound = to.latency.merge_serialised(row.blob(first + 8));
}

}  // namespace tollgate::stores
