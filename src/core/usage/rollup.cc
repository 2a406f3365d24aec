#include "core/usage/rollup.h"

#include <array>
#include <cstring>

#include "base/hash.h"

namespace tollgate::core {
namespace {

// The same on every gateway and every start, so that the clients of all of them can be counted together.
constexpr std::uint64_t kClientSeed = 0x636c'6965'6e74'7321u;

}  // namespace

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
               .consumer = record.consumer,
               .route = record.route,
               .tier = record.tier,
               .method = record.method,
               .status_class = static_cast<std::uint8_t>(status_class <= 5 ? status_class : 0)});
}

std::optional<std::uint32_t> client_hash(const DecisionRecord& record) {
  if (record.client_family == 0) return std::nullopt;
  std::array<char, sizeof(record.client_net) + 1> bytes{};
  std::memcpy(bytes.data(), record.client_net.data(), sizeof(record.client_net));
  bytes.back() = static_cast<char>(record.client_family);
  return static_cast<std::uint32_t>(hash64({bytes.data(), bytes.size()}, kClientSeed) >> 32);
}

void RollupValue::add(const DecisionRecord& record) {
  counts.add(record);
  latency.record(record.total_us);
  if (const auto client = client_hash(record)) clients.add(*client);
}

void RollupValue::add(const RollupRow& row) {
  counts += row.counts;
  latency.add(row.latency);
  clients.add(row.clients);
}

}  // namespace tollgate::core
