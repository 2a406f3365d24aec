// What is left of records when there is no room for each of them: their roll-up rows per minute, which stand for the
// sequences they had in their ring. Detail is gone, counts stay.
//
// Pure. Thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "core/usage/batch_sum.h"
#include "core/usage/chunk.h"
#include "core/usage/decision_record.h"
#include "core/usage/names.h"

namespace tollgate::core {

inline constexpr Seconds kAggregateUnit{60};
inline constexpr std::size_t kAggregateChunksMax = 64;

struct Aggregate {
  std::uint64_t first = 0;  // the sequences first … end-1 of a ring
  std::uint64_t end = 0;
  std::uint64_t requests = 0;  // that the rows count; those missing to end - first are lost
  // Rows of minutes (chunk.h), in ascending order of key as if they were one chunk. None of everyone: what is needed to
  // make them is there, and room is not.
  std::vector<std::string> chunks;

  std::uint64_t lost() const { return end - first - requests; }
  bool operator==(const Aggregate&) const = default;
};

// Of records in any order; `first` and `end` are the caller's to set. ~0.2 µs a record.
Aggregate aggregate_of(std::span<const DecisionRecord> records);

// Of two that stand one after the other (a.end == b.first), the one that stands for both. Errors: those of
// check_aggregate.
Result<Aggregate> join(const Aggregate& a, const Aggregate& b);

// Fills in `requests` from the chunks. store_corrupt when they are not what aggregate_of or join would make: rows of
// whole minutes, each key once and in order, no more requests than sequences.
Result<void> check_aggregate(Aggregate& aggregate);

// What counts add to roll-ups: chunks of minutes, each within one span of `window`, with rows of everyone; no seconds,
// and no keys. Minutes that are not believed are corrected as records are. Errors: those of check_aggregate.
Result<BatchSum> sum_up(const Aggregate& aggregate, const BatchClock& clock, Seconds window);

// The names that its rows refer to, each once.
struct NameUse {
  NameKind kind = NameKind::route;
  NameRef ref = 0;
  auto operator<=>(const NameUse&) const = default;
};
std::vector<NameUse> names_used(const Aggregate& aggregate);

}  // namespace tollgate::core
