// A roll-up's row that owns its latency, for tests that keep rows.
#pragma once

#include <vector>

#include "core/usage/chunk.h"

namespace tollgate::core {

struct OwnRow {
  RollupKey key;
  RollupCounts counts;
  std::int64_t last_ms = 0;
  std::vector<HistogramCount> latency;
  bool operator==(const OwnRow&) const = default;

  RollupRow row() const { return {.key = key, .counts = counts, .last_ms = last_ms, .latency = latency}; }
};

inline OwnRow own(const RollupRow& row) {
  return {row.key, row.counts, row.last_ms, {row.latency.begin(), row.latency.end()}};
}

}  // namespace tollgate::core
