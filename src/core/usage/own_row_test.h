// A roll-up's row that owns its latency and clients, for tests that keep rows.
#pragma once

#include <vector>

#include "core/usage/chunk.h"

namespace tollgate::core {

struct OwnRow {
  RollupKey key;
  RollupCounts counts;
  std::int64_t last_ms = 0;
  std::vector<HistogramCount> latency;
  Distinct clients;
  bool operator==(const OwnRow&) const = default;

  RollupRow row() const {
    return {.key = key, .counts = counts, .last_ms = last_ms, .latency = latency, .clients = clients.view()};
  }
};

inline OwnRow own(const RollupRow& row) {
  OwnRow own{row.key, row.counts, row.last_ms, {row.latency.begin(), row.latency.end()}, {}};
  own.clients.assign(row.clients);
  return own;
}

}  // namespace tollgate::core
