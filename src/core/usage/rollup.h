// What many records come to: counts, bytes, cost, latencies and distinct clients per span of time × key × consumer ×
// route × tier × method × status class. A row of this is the unit of everything behind ingest: chunks hold rows,
// merging adds them up, queries read them.
//
// Each record is in two rows: that of its key, and that of everyone, which has neither key nor consumer. Questions that
// ask for neither read the second, of which there are as many as routes are used, however many keys there are.
//
// Pure. Thread safety: values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>

#include "base/clock.h"
#include "core/usage/decision_record.h"
#include "core/usage/distinct.h"
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

// In place of a key: all keys together, and requests without one. Behind them all in order.
inline constexpr std::uint64_t kEveryone = kKeyNumberMax + 1;

// Packed into words, the bucket last: rows of one key, consumer, route, tier, method and status class stand together in
// order of time, and stay in order when their buckets become coarser.
struct RollupKey {
  std::uint64_t key = 0;    // key_number(), or kEveryone
  NameRef consumer = 0;     // who owned the key then
  std::uint64_t place = 0;  // route, tier
  std::uint64_t rest = 0;   // method, status class, bucket

  struct Parts {
    std::int64_t bucket = 0;  // its first second since 1970; 0 … 2^48-1
    std::uint64_t key = 0;
    NameRef consumer = 0;
    NameRef route = 0;
    NameRef tier = 0;
    std::uint8_t method = 0;
    std::uint8_t status_class = 0;  // 2 for 2xx; 0: no response
  };
  static constexpr std::uint64_t kBucketMask = (std::uint64_t{1} << 48) - 1;

  static RollupKey pack(const Parts& parts) {
    return {.key = parts.key,
            .consumer = parts.consumer,
            .place = std::uint64_t{parts.route} << 32 | parts.tier,
            .rest = std::uint64_t{parts.method} << 56 | std::uint64_t{parts.status_class} << 48 |
                    (static_cast<std::uint64_t>(parts.bucket) & kBucketMask)};
  }
  static RollupKey of(const DecisionRecord& record, Seconds width);

  KeyId key_id() const { return key_of_number(key); }
  NameRef route() const { return static_cast<NameRef>(place >> 32); }
  NameRef tier() const { return static_cast<NameRef>(place); }
  std::uint8_t method() const { return static_cast<std::uint8_t>(rest >> 56); }
  std::uint8_t status_class() const { return static_cast<std::uint8_t>(rest >> 48); }
  std::int64_t bucket() const { return static_cast<std::int64_t>(rest & kBucketMask); }
  RollupKey with_bucket(std::int64_t bucket) const {
    return {key, consumer, place, (rest & ~kBucketMask) | (static_cast<std::uint64_t>(bucket) & kBucketMask)};
  }
  RollupKey of_everyone() const { return {.key = kEveryone, .consumer = 0, .place = place, .rest = rest}; }

  bool operator==(const RollupKey&) const = default;
  std::strong_ordering operator<=>(const RollupKey& other) const {
    if (key != other.key) return key <=> other.key;
    if (consumer != other.consumer) return consumer <=> other.consumer;
    if (place != other.place) return place <=> other.place;
    return rest <=> other.rest;
  }
};

// What tells one client from others: a hash of its network. Nothing for a record that does not know its client.
std::optional<std::uint32_t> client_hash(const DecisionRecord& record);

// Sums as one row has them, seen from outside: `latency` and `clients` belong to whoever made the row.
struct RollupRow {
  RollupKey key;
  RollupCounts counts;
  std::int64_t last_ms = 0;  // when its last record was, ms since 1970; 0: not known
  std::span<const HistogramCount> latency;
  DistinctView clients = {};
};

// How much of each row somebody wants: what is not wanted costs nothing. Key and requests are always there.
struct RowParts {
  bool counts = false;  // and last_ms
  bool latency = false;
  bool clients = false;
};
inline constexpr RowParts kAllParts{.counts = true, .latency = true, .clients = true};

// Sums that own their parts.
struct RollupValue {
  RollupCounts counts;
  Histogram latency;  // total_us
  Distinct clients;

  void add(const DecisionRecord& record);
  void add(const RollupRow& row);
  bool operator==(const RollupValue&) const = default;
};

}  // namespace tollgate::core
