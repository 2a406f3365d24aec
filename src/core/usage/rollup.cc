#include "core/usage/rollup.h"

#include <array>
#include <string_view>

namespace tollgate::core {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::uint8_t kNoDigit = 255;

constexpr auto kDigitOf = [] {
  std::array<std::uint8_t, 256> digit_of{};
  digit_of.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    digit_of[static_cast<std::uint8_t>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  return digit_of;
}();

}  // namespace

std::uint64_t key_number(const KeyId& id) {
  std::uint64_t number = 0;
  for (const char c : id.text) {
    const std::uint8_t digit = kDigitOf[static_cast<std::uint8_t>(c)];
    if (digit == kNoDigit) return 0;
    number = number * kDigits.size() + digit;
  }
  return number + 1;
}

KeyId key_of_number(std::uint64_t number) {
  KeyId id;
  if (number == 0) return id;
  --number;
  for (auto c = id.text.rbegin(); c != id.text.rend(); ++c) {
    *c = kDigits[number % kDigits.size()];
    number /= kDigits.size();
  }
  return id;
}

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
  return pack({.bucket = second - second % width.count(),
               .key = key_number(record.key_id),
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
