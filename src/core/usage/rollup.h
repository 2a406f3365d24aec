// What many records come to: counts, bytes, cost and latencies per bucket of time × key × route × tier × method ×
// status class. RollupMap adds records up in memory, ~100 ns each; what it holds is merged into what is stored already.
//
// Pure. Thread safety: values; RollupMap is used by one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "core/usage/decision_record.h"
#include "core/usage/histogram.h"

namespace tollgate::core {

struct RollupCounts {
  std::uint64_t requests = 0;
  std::uint64_t allowed = 0;  // passed the limits, whatever the upstream made of it
  std::uint64_t rate_limited = 0;
  std::uint64_t unauthorized = 0;  // no key, or none that is valid
  std::uint64_t errors = 0;        // upstream_error, shed, and 5xx answers of upstreams
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t cost = 0;

  void add(const DecisionRecord& record);
  RollupCounts& operator+=(const RollupCounts& other);
  bool operator==(const RollupCounts&) const = default;
};

struct RollupKey {
  std::int64_t bucket = 0;  // its first second since 1970
  KeyId key;                // all zero: no key
  NameRef route = 0;
  NameRef tier = 0;
  std::uint8_t method = 0;
  std::uint8_t status_class = 0;  // 2 for 2xx; 0: no response

  // Bytes that are no key id become "no key": records may come from elsewhere, and one of them must not spoil a batch.
  static RollupKey of(const DecisionRecord& record, Seconds width);
  auto operator<=>(const RollupKey&) const = default;
};

struct RollupValue {
  RollupCounts counts;
  Histogram latency;  // total_us

  void add(const DecisionRecord& record);
  void merge(const RollupValue& other);
  bool operator==(const RollupValue&) const = default;
};

class RollupMap {
 public:
  struct Entry {
    RollupKey key;
    RollupValue value;
  };

  void add(const DecisionRecord& record, Seconds width) { at(RollupKey::of(record, width)).add(record); }
  // Valid until the next call.
  RollupValue& at(const RollupKey& key);
  // In no particular order.
  std::span<const Entry> entries() const { return entries_; }
  void clear();

 private:
  void grow();

  std::vector<Entry> entries_;
  std::vector<std::uint32_t>
      index_;  // position in entries_ + 1; 0 is free; a power of two of them, at most half in use
};

}  // namespace tollgate::core
