// What a usage store must answer, from nothing but the list of records: no roll-ups, no levels, no state.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "codec/http1/head.h"
#include "core/usage/rollup.h"
#include "ports/usage_store.h"
#include "stores/sqlite/usage_recent.h"

namespace tollgate::stores {

class UsageOracle {
 public:
  // As the store takes it in when its clock shows `now`.
  void add(core::DecisionRecord record, WallTime now) {
    const WallTime time{Nanos(record.time_ns)};
    const WallTime earliest = now - std::chrono::days(7);
    if (time > now + Seconds(300)) {
      record.time_ns = now.time_since_epoch().count();
      ++clamped_.future;
    } else if (time < earliest) {
      record.time_ns = earliest.time_since_epoch().count();
      ++clamped_.past;
    }
    records_.push_back(record);
  }
  const ports::ClampedRecords& clamped() const { return clamped_; }
  const std::vector<core::DecisionRecord>& records() const { return records_; }

  core::RollupCounts counts() const {
    core::RollupCounts all;
    for (const auto& record : records_) all.add(record);
    return all;
  }
  // Of records whose second, rounded down to `unit`, is in [from, to), and that `wanted` accepts.
  template <class Wanted>
  core::RollupValue sum(std::int64_t unit, std::int64_t from, std::int64_t to, Wanted wanted) const {
    core::RollupValue value;
    for (const auto& record : records_) {
      const std::int64_t bucket = second_of(record) - second_of(record) % unit;
      if (bucket >= from && bucket < to && wanted(record)) value.add(record);
    }
    return value;
  }
  std::uint64_t active_keys(std::int64_t now) const {
    std::set<std::uint64_t> active;
    for (const auto& record : records_) {
      if (record.key != 0 && second_of(record) > now - 900) active.insert(record.key);
    }
    return active.size();
  }
  std::int64_t last_used_ms(const core::KeyId& key) const {
    std::int64_t last = 0;
    for (const auto& record : records_) {
      if (record.key == core::key_number(key)) last = std::max(last, record.time_ns / 1'000'000);
    }
    return last;
  }
  static std::int64_t second_of(const core::DecisionRecord& record) { return record.time_ns / 1'000'000'000; }

 private:
  std::vector<core::DecisionRecord> records_;
  ports::ClampedRecords clamped_;
};

// Counts and latencies, to compare.
using Figures = std::tuple<std::vector<std::uint64_t>, double, double, double>;
inline Figures figures(const core::RollupCounts& n, const ports::LatencyMs& latency) {
  return {{n.requests, n.allowed, n.rate_limited, n.unauthorized, n.errors, n.bytes_in, n.bytes_out, n.cost},
          latency.p50,
          latency.p90,
          latency.p99};
}
inline Figures figures(const core::RollupValue& value) {
  return figures(value.counts, latency_ms(value.latency));
}

}  // namespace tollgate::stores
