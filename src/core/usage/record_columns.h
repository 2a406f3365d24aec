// How a decision record comes apart into numbers of which each is like its neighbours, and together again.
//
// What tends to go together is one number: who calls (key, tier, consumer, client) and what for and with what outcome
// (route, limits, method, status, …) are places in two tables of the block, its callers and kinds. The rest is
// per record.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/usage/number_column.h"
#include "core/usage/record_filter.h"

namespace tollgate::core {

enum class Column : std::uint8_t {
  // of each caller
  caller_key,
  caller_net,
  caller_names,  // tier and consumer
  caller_family,
  // of each kind
  kind_names,  // route and limits
  kind_result,
  // of each record
  ring,
  caller,
  kind,
  time,      // since the block's first
  sequence,  // since the first of its ring in the block
  id_second,
  id_rest,
  traced,  // 1: its trace id is the next of the block's
  overhead_us,
  upstream_us,
  retry_after_ms,
  cost,
  checks,  // and flags
  generation,
  bytes_in,
  bytes_out,
  first_level,  // of kRecordedLimits columns
};
inline constexpr std::size_t kColumns = static_cast<std::size_t>(Column::first_level) + kRecordedLimits;

constexpr Column level_column(std::size_t limit) {
  return static_cast<Column>(static_cast<std::size_t>(Column::first_level) + limit);
}
// The guesses that are tried for it.
std::span<const Guess> guesses_for(Column column);

using CallerTuple = std::array<std::uint64_t, 4>;  // as the columns caller_…
using KindTuple = std::array<std::uint64_t, 2>;    // as the columns kind_…

CallerTuple caller_of(const DecisionRecord& record);
KindTuple kind_of(const DecisionRecord& record);
void set_caller(DecisionRecord& record, const CallerTuple& caller);
void set_kind(DecisionRecord& record, const KindTuple& kind);

// The two halves of a request id: how far its second is from the record's time, and the rest, which gateways count up
// and scatter (base/scatter.h).
std::uint64_t id_second_of(const DecisionRecord& record);
std::uint64_t id_rest_of(const DecisionRecord& record);
std::uint64_t request_id_of(std::int64_t time_ns, std::uint64_t id_second, std::uint64_t id_rest);

// The columns from overhead_us on: they do not depend on the block.
std::uint64_t number_of(const DecisionRecord& record, Column column);
void set_number(DecisionRecord& record, Column column, std::uint64_t number);

}  // namespace tollgate::core
