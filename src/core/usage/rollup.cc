#include "core/usage/rollup.h"

#include <array>
#include <cstring>

#include "base/hash.h"

namespace tollgate::core {
namespace {

// Key ids come from Tollgate's own random generator, so that nobody outside can choose colliding ones.
std::uint64_t hash_of(const RollupKey& key) {
  std::array<char, 28> bytes;
  std::memcpy(bytes.data(), &key.bucket, 8);
  std::memcpy(bytes.data() + 8, key.key.text.data(), 10);
  std::memcpy(bytes.data() + 18, &key.route, 4);
  std::memcpy(bytes.data() + 22, &key.tier, 4);
  bytes[26] = static_cast<char>(key.method);
  bytes[27] = static_cast<char>(key.status_class);
  return hash64({bytes.data(), bytes.size()}, 0);
}

bool is_key_id(const KeyId& id) {
  for (const char c : id.text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

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
  bytes_in += record.bytes_in;
  bytes_out += record.bytes_out;
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
  return {.bucket = second - second % width.count(),
          .key = is_key_id(record.key_id) ? record.key_id : KeyId{},
          .route = record.route,
          .tier = record.tier,
          .method = record.method,
          .status_class = static_cast<std::uint8_t>(status_class <= 5 ? status_class : 0)};
}

void RollupValue::add(const DecisionRecord& record) {
  counts.add(record);
  latency.record(record.total_us);
}

void RollupValue::merge(const RollupValue& other) {
  counts += other.counts;
  latency.merge(other.latency);
}

RollupValue& RollupMap::at(const RollupKey& key) {
  if (entries_.size() * 2 >= index_.size()) grow();
  const std::size_t mask = index_.size() - 1;
  std::size_t slot = hash_of(key) & mask;
  for (; index_[slot] != 0; slot = (slot + 1) & mask) {
    Entry& entry = entries_[index_[slot] - 1];
    if (entry.key == key) return entry.value;
  }
  entries_.push_back({key, {}});
  index_[slot] = static_cast<std::uint32_t>(entries_.size());
  return entries_.back().value;
}

void RollupMap::grow() {
  index_.assign(index_.empty() ? 256 : index_.size() * 2, 0);
  const std::size_t mask = index_.size() - 1;
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    std::size_t slot = hash_of(entries_[i].key) & mask;
    while (index_[slot] != 0) slot = (slot + 1) & mask;
    index_[slot] = i + 1;
  }
}

void RollupMap::clear() {
  entries_.clear();
  index_.clear();
}

}  // namespace tollgate::core
