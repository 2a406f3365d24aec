// Rows of equal keys, one after the other, as one.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "core/usage/distinct_sum.h"
#include "core/usage/histogram_sum.h"
#include "core/usage/rollup.h"

namespace tollgate::core {

// Thread safety: one thread at a time.
class RowSum {
 public:
  // True when `key` is that of the rows so far, or there are none.
  bool takes(const RollupKey& key) const { return empty_ || row_.key == key; }
  bool empty() const { return empty_; }

  void add(const RollupRow& row) {
    if (std::exchange(empty_, false)) {
      row_ = row;
      latency_.assign(row.latency.begin(), row.latency.end());
      clients_.assign(row.clients);
      return;
    }
    row_.counts += row.counts;
    row_.last_ms = std::max(row_.last_ms, row.last_ms);
    if (!std::exchange(several_, true)) {
      latency_sum_.add(latency_);
      clients_sum_.add(clients_.view());
    }
    latency_sum_.add(row.latency);
    clients_sum_.add(row.clients);
  }
  // The sum, with a latency and clients that live until the next call; starts over. Not when empty.
  const RollupRow& take() {
    if (std::exchange(several_, false)) {
      latency_sum_.take(latency_);
      clients_sum_.take(clients_);
    }
    row_.latency = latency_;
    row_.clients = clients_.view();
    empty_ = true;
    return row_;
  }

 private:
  RollupRow row_;
  // Of the first row; then, once there are several, in the sums.
  std::vector<HistogramCount> latency_;
  Distinct clients_;
  HistogramSum latency_sum_;
  DistinctSum clients_sum_;
  bool empty_ = true;
  bool several_ = false;
};

}  // namespace tollgate::core
