// What a question's range of time means: which rows answer it, and where its points are.
//
// Pure. Thread safety: values.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "ports/usage_query.h"
#include "stores/sqlite/usage_levels.h"

namespace tollgate::stores {

struct AskedRange {
  WallTime from{};
  WallTime to{};  // exclusive
};

// What is there to answer from.
struct KeptRows {
  UsageFloors floors{};
  UsageRetention kept = kUsageKept;
  WallTime now{};
  // The first second from which on rows of this level are all there.
  std::int64_t since(std::size_t level) const;
};

struct RangePlan {
  std::size_t finest = kMinuteLevel;
  std::int64_t from = 0;  // a bucket of that level
  std::int64_t to = 0;    // rows of buckets before this
  ports::AnsweredRange answered() const;
  std::optional<std::int64_t> kept_from;
};

struct SeriesPlan {
  RangePlan range;
  std::size_t coarsest = kDayLevel;  // of which no row lies in two points
  std::int64_t step = 60;
  std::int64_t points = 0;
};

inline constexpr Seconds kSeriesStepMax{31 * 86'400};
inline constexpr std::int64_t kPointsPerSeriesMax = 11'000;

// Whole minutes around the range, as rows of minutes cannot be divided; seconds for at most five minutes of the last
// hour; hours or days where what is finer is not kept so far back. invalid_parameter for a range that is none.
Result<RangePlan> plan_range(const AskedRange& asked, const KeptRows& rows);
// The same for sums that have to be exact: invalid_parameter where a bound lies within a row, or not all is kept.
Result<RangePlan> plan_report(const AskedRange& asked, const KeptRows& rows);
// Also where a step asks for finer rows than there are. Without a step: a round one for at most 302 points, which begin
// at its multiples, or on whole days.
Result<SeriesPlan> plan_series(const AskedRange& asked, std::optional<Seconds> step, const KeptRows& rows);

}  // namespace tollgate::stores
