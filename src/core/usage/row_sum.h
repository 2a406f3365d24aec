// Rows of equal keys, one after the other, as one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
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
    begin_sums();
    row_.counts += row.counts;
    row_.last_ms = std::max(row_.last_ms, row.last_ms);
    latency_sum_.add(row.latency);
    clients_sum_.add(row.clients);
  }
  // The same for one record, as a row of `key`.
  void add(const RollupKey& key, std::int64_t time_ms, const DecisionRecord& record) {
    const bool is_counted = look_at_client(record) && client_is_counted_;
    client_is_counted_ = true;
    if (std::exchange(empty_, false)) {
      row_ = {.key = key, .counts = {}, .last_ms = time_ms, .latency = {}, .clients = {}};
      row_.counts.add(record);
      latency_.assign(1, {Histogram::place_of(record.total_us), 1});
      clients_.assign(client());
      return;
    }
    begin_sums();
    row_.counts.add(record);
    row_.last_ms = std::max(row_.last_ms, time_ms);
    latency_sum_.record(record.total_us);
    if (!is_counted) clients_sum_.add(client());
  }
  // The sum, with a latency and clients that live until the next call; starts over. Not when empty.
  const RollupRow& take() {
    if (std::exchange(several_, false)) {
      latency_sum_.take(latency_);
      clients_sum_.take(clients_);
    }
    client_is_counted_ = false;
    row_.latency = latency_;
    row_.clients = clients_.view();
    empty_ = true;
    return row_;
  }

 private:
  void begin_sums() {
    if (std::exchange(several_, true)) return;
    latency_sum_.add(latency_);
    clients_sum_.add(clients_.view());
  }
  // True: it is that of the record before, as neighbours' often are.
  bool look_at_client(const DecisionRecord& record) {
    if (client_net_ == record.client_net && client_family_ == record.client_family) return true;
    client_net_ = record.client_net;
    client_family_ = record.client_family;
    client_ = client_hash(record);
    return false;
  }
  DistinctView client() const {
    return client_ ? DistinctView{.few = {&*client_, 1}, .registers = {}} : DistinctView{};
  }

  RollupRow row_;
  // Of the first row; then, once there are several, in the sums.
  std::vector<HistogramCount> latency_;
  Distinct clients_;
  HistogramSum latency_sum_;
  DistinctSum clients_sum_;
  bool empty_ = true;
  bool several_ = false;
  // Of the record before, whatever its row; and whether it is in this one.
  std::array<std::uint8_t, 8> client_net_{};
  std::uint8_t client_family_ = 0;
  std::optional<std::uint32_t> client_;
  bool client_is_counted_ = false;
};

}  // namespace tollgate::core
