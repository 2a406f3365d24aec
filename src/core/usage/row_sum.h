// Rows of equal keys, one after the other, as one.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

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
      return;
    }
    row_.counts += row.counts;
    row_.last_ms = std::max(row_.last_ms, row.last_ms);
    if (!std::exchange(several_, true)) sum_.add(latency_);
    sum_.add(row.latency);
  }
  // The sum, with a latency that lives until the next call; starts over. Not when empty.
  const RollupRow& take() {
    if (std::exchange(several_, false)) sum_.take(latency_);
    row_.latency = latency_;
    empty_ = true;
    return row_;
  }

 private:
  RollupRow row_;
  std::vector<HistogramCount> latency_;  // of the first row; then, once there are several, in sum_
  HistogramSum sum_;
  bool empty_ = true;
  bool several_ = false;
};

}  // namespace tollgate::core
