#include "core/usage/rollup.h"

namespace tollgate::core {
void RollupCounts::add(const DecisionRecord& record) {
  const bool passed = record.outcome == Outcome::allowed || record.outcome == Outcome::upstream_error;
  const bool failed = record.outcome == Outcome::upstream_error || record.outcome == Outcome::shed ||
                      (record.outcome == Outcome::allowed && record.status >= 500);
  requests += 1;
  allowed += passed ? 1 : 0;
  rate_limited += record.outcome == Outcome::limited ? 1 : 0;
  unauthorized += record.outcome == Outcome::unauthenticated ? 1 : 0;
  errors += failed ? 1 : 0;
  bytes_in += record.bytes_in.value();
  bytes_out += record.bytes_out.value();
  cost += record.cost;
}

RollupCounts& RollupCounts::operator+=(const RollupCounts& other) {
  requests += other.requests;
  allowed += other.allowed;
  rate_limited += other.rate_limited;
  unauthorized += other.unauthorized;
  errors += other.errors;
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
  cost += other.cost;
  return *this;
}

RollupKey RollupKey::of(const DecisionRecord& record, Seconds width) {
  const std::int64_t second = record.time_ns > 0 ? record.time_ns / 1'000'000'000 : 0;
  const auto status_class = record.status / 100;
  return pack({.bucket = second - second % width.count(),
               .key = record.key <= kKeyNumberMax ? record.key : 0,
               .route = record.route,
               .tier = record.tier,
               .method = record.method,
               .status_class = static_cast<std::uint8_t>(status_class <= 5 ? status_class : 0)});
}

void RollupValue::add(const DecisionRecord& record) {
  counts.add(record);
  latency.record(record.total_us);
}

void RollupValue::add(const RollupRow& row) {
  counts += row.counts;
  latency.add(row.latency);
}

}  // namespace tollgate::core
