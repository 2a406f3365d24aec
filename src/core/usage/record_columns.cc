#include "core/usage/record_columns.h"

#include <cstring>

#include "base/assert.h"
#include "base/scatter.h"
#include "core/usage/zigzag.h"

namespace tollgate::core {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::uint64_t pair(std::uint32_t high, std::uint32_t low) {
  return std::uint64_t{high} << 32 | low;
}
std::uint32_t high_of(std::uint64_t number) {
  return static_cast<std::uint32_t>(number >> 32);
}
std::uint32_t low_of(std::uint64_t number) {
  return static_cast<std::uint32_t>(number);
}

std::uint32_t second_of(std::int64_t time_ns) {
  const std::int64_t whole = time_ns / kNsPerSecond;
  return static_cast<std::uint32_t>(time_ns % kNsPerSecond < 0 ? whole - 1 : whole);
}

std::size_t level_index(Column column) {
  const auto at = static_cast<std::size_t>(column);
  TG_ASSERT(at >= static_cast<std::size_t>(Column::first_level) && at < kColumns);
  return at - static_cast<std::size_t>(Column::first_level);
}

}  // namespace

std::span<const Guess> guesses_for(Column column) {
  static constexpr Guess kZero[] = {Guess::zero};
  static constexpr Guess kPrevious[] = {Guess::previous};
  static constexpr Guess kRing[] = {Guess::same_ring};
  static constexpr Guess kKind[] = {Guess::same_kind};
  static constexpr Guess kRingOrNot[] = {Guess::same_ring, Guess::zero};
  static constexpr Guess kKindOrNot[] = {Guess::zero, Guess::same_kind};
  static constexpr Guess kLevel[] = {Guess::zero, Guess::previous, Guess::same_caller};
  switch (column) {
    case Column::caller_key:
    case Column::time:
    case Column::generation: return kPrevious;
    case Column::sequence: return kRing;
    case Column::id_rest: return kRingOrNot;
    case Column::cost:
    case Column::checks: return kKind;
    case Column::bytes_in:
    case Column::bytes_out: return kKindOrNot;
    default: return column >= Column::first_level ? std::span<const Guess>(kLevel) : kZero;
  }
}

CallerTuple caller_of(const DecisionRecord& record) {
  std::uint64_t net = 0;
  std::memcpy(&net, record.client_net.data(), record.client_net.size());
  return {record.key, net, pair(record.tier, record.consumer), record.client_family};
}

void set_caller(DecisionRecord& record, const CallerTuple& caller) {
  record.key = caller[0];
  std::memcpy(record.client_net.data(), &caller[1], record.client_net.size());
  record.tier = high_of(caller[2]);
  record.consumer = low_of(caller[2]);
  record.client_family = static_cast<std::uint8_t>(caller[3]);
}

KindTuple kind_of(const DecisionRecord& record) {
  const std::uint32_t result = static_cast<std::uint32_t>(record.method) << 16 |
                               static_cast<std::uint32_t>(record.outcome) << 8 |
                               static_cast<std::uint8_t>(record.refused_by);
  return {pair(record.route, record.limits), pair(record.status, result)};
}

void set_kind(DecisionRecord& record, const KindTuple& kind) {
  record.route = high_of(kind[0]);
  record.limits = low_of(kind[0]);
  record.status = static_cast<std::uint16_t>(high_of(kind[1]));
  record.method = static_cast<std::uint8_t>(kind[1] >> 16);
  record.outcome = static_cast<Outcome>(static_cast<std::uint8_t>(kind[1] >> 8));
  record.refused_by = static_cast<std::int8_t>(static_cast<std::uint8_t>(kind[1]));
}

std::uint64_t id_second_of(const DecisionRecord& record) {
  const std::uint32_t ahead = high_of(record.request_id) - second_of(record.time_ns);
  return zigzag(static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(ahead))));
}

std::uint64_t id_rest_of(const DecisionRecord& record) {
  return unscatter(low_of(record.request_id));
}

std::uint64_t request_id_of(std::int64_t time_ns, std::uint64_t id_second, std::uint64_t id_rest) {
  return pair(second_of(time_ns) + low_of(unzigzag(id_second)), scatter(low_of(id_rest)));
}

std::uint64_t number_of(const DecisionRecord& record, Column column) {
  switch (column) {
    case Column::overhead_us: return record.total_us - record.upstream_us;
    case Column::upstream_us: return record.upstream_us;
    case Column::retry_after_ms: return record.retry_after_ms;
    case Column::cost: return record.cost;
    case Column::checks: return static_cast<std::uint64_t>(record.checks) << 8 | record.flags;
    case Column::generation: return record.generation;
    case Column::bytes_in: return record.bytes_in.value();
    case Column::bytes_out: return record.bytes_out.value();
    default: return record.levels_before[level_index(column)].code();
  }
}

// overhead_us before upstream_us.
void set_number(DecisionRecord& record, Column column, std::uint64_t number) {
  switch (column) {
    case Column::overhead_us: record.total_us = low_of(number); return;
    case Column::upstream_us:
      record.upstream_us = low_of(number);
      record.total_us += record.upstream_us;
      return;
    case Column::retry_after_ms: record.retry_after_ms = low_of(number); return;
    case Column::cost: record.cost = low_of(number); return;
    case Column::checks:
      record.checks = static_cast<std::uint8_t>(number >> 8);
      record.flags = static_cast<std::uint8_t>(number);
      return;
    case Column::generation: record.generation = low_of(number); return;
    case Column::bytes_in: record.bytes_in = number; return;
    case Column::bytes_out: record.bytes_out = number; return;
    default: record.levels_before[level_index(column)] = Level::from_code(static_cast<std::uint16_t>(number));
  }
}

}  // namespace tollgate::core
