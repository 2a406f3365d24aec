#include "stores/sqlite/usage_plan.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/str.h"

namespace tollgate::stores {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kWantedPoints = 300;
constexpr auto kRoundSteps = std::to_array<std::int64_t>(
    {1, 2, 5, 10, 15, 30, 60, 300, 900, 1800, 3600, 10'800, 43'200, kDay, 7 * kDay, kSeriesStepMax.count()});
constexpr std::array<std::string_view, kEverLevel> kUnitNames{"second", "minute", "hour", "day"};

std::unexpected<Error> refuse(std::string detail) {
  return fail(codes::invalid_parameter, std::move(detail));
}

std::int64_t unit_of(std::size_t level) {
  return kUsageLevels[level].unit.count();
}

struct WholeSeconds {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

Result<WholeSeconds> whole_seconds(const AskedRange& asked) {
  if (asked.from >= asked.to) return refuse("from must be before to");
  if (asked.from.time_since_epoch().count() < 0) return refuse("from must not be before 1970");
  return WholeSeconds{.from = std::chrono::floor<Seconds>(asked.from).time_since_epoch().count(),
                      .to = std::chrono::ceil<Seconds>(asked.to).time_since_epoch().count()};
}

// Points that begin at round times stay where they are while the range slides on, and coarser rows can answer them.
WholeSeconds from_a_multiple(const WholeSeconds& asked, std::int64_t step) {
  return {.from = asked.from - asked.from % std::min(step, kDay), .to = asked.to};
}

// The finest level from `wanted` on that is all there since `from`, or that of days.
std::size_t finest_kept(std::size_t wanted, std::int64_t from, const KeptRows& rows) {
  std::size_t level = wanted;
  while (level < kDayLevel && bucket_of(from, level) < rows.since(level)) ++level;
  return level;
}

bool is_short_and_fresh(const WholeSeconds& asked, const KeptRows& rows) {
  return asked.to - asked.from <= 5 * kMinute && asked.from >= rows.since(kSecondLevel);
}

RangePlan plan_of(const WholeSeconds& asked, std::size_t finest, const KeptRows& rows) {
  RangePlan plan{.finest = finest, .from = bucket_of(asked.from, finest), .to = asked.to, .kept_from = {}};
  if (const std::int64_t since = rows.since(finest); plan.from < since) plan.kept_from = since;
  return plan;
}

std::size_t coarsest_of(const RangePlan& range, std::int64_t step) {
  std::size_t level = kDayLevel;
  while (level > range.finest && (step % unit_of(level) != 0 || range.from % unit_of(level) != 0)) --level;
  return level;
}

Result<SeriesPlan> plan_steps(const WholeSeconds& asked, std::int64_t step, const KeptRows& rows) {
  const bool in_seconds = step % kMinute != 0 || is_short_and_fresh(asked, rows);
  const std::size_t finest = finest_kept(in_seconds ? kSecondLevel : kMinuteLevel, asked.from, rows);
  if (const std::int64_t unit = unit_of(finest); step % unit != 0) {
    return refuse(str::cat("steps of so long ago are multiples of one ", kUnitNames[finest], ", ", unit,
                           " seconds: what is finer is kept since ",
                           format_rfc3339(WallTime(Seconds(rows.since(finest - 1))))));
  }
  SeriesPlan plan{.range = plan_of(asked, finest, rows), .coarsest = kDayLevel, .step = step, .points = 0};
  plan.coarsest = coarsest_of(plan.range, step);
  plan.points = (asked.to - plan.range.from + step - 1) / step;
  if (plan.points > kPointsPerSeriesMax) {
    return refuse(
        str::cat("that is ", plan.points, " points; ", kPointsPerSeriesMax, " are possible: use a longer step"));
  }
  return plan;
}

}  // namespace

std::int64_t KeptRows::since(std::size_t level) const {
  const std::int64_t second = std::chrono::floor<Seconds>(now).time_since_epoch().count();
  return std::max(floors[level], oldest_promised(kept, level, second));
}

ports::AnsweredRange RangePlan::answered() const {
  const std::int64_t unit = unit_of(finest);
  const auto time = [](std::int64_t second) { return WallTime(Seconds(second)); };
  return {.from = time(from), .to = time((to + unit - 1) / unit * unit), .kept_from = kept_from.transform(time)};
}

Result<RangePlan> plan_range(const AskedRange& asked, const KeptRows& rows) {
  TG_TRY(const WholeSeconds seconds, whole_seconds(asked));
  const bool in_seconds = is_short_and_fresh(seconds, rows);
  return plan_of(seconds, finest_kept(in_seconds ? kSecondLevel : kMinuteLevel, seconds.from, rows), rows);
}

Result<RangePlan> plan_report(const AskedRange& asked, const KeptRows& rows) {
  TG_TRY(const RangePlan plan, plan_range(asked, rows));
  if (plan.kept_from) {
    return refuse(str::cat("not all of it is kept any more, but what is since ",
                           format_rfc3339(WallTime(Seconds(*plan.kept_from)))));
  }
  const ports::AnsweredRange answered = plan.answered();
  if (answered.from == asked.from && answered.to == asked.to) return plan;
  return refuse(str::cat("from and to must each be the beginning of a ", kUnitNames[plan.finest], ", such as ",
                         format_rfc3339(answered.from), " and ", format_rfc3339(answered.to)));
}

Result<SeriesPlan> plan_series(const AskedRange& asked, std::optional<Seconds> step, const KeptRows& rows) {
  TG_TRY(const WholeSeconds seconds, whole_seconds(asked));
  if (step) {
    if (*step < Seconds(1) || *step > kSeriesStepMax) return refuse("step is 1 second to 31 days");
    return plan_steps(seconds, step->count(), rows);
  }
  for (const std::int64_t round : kRoundSteps) {
    if ((seconds.to - seconds.from) / round > kWantedPoints && round != kRoundSteps.back()) continue;
    auto plan = plan_steps(from_a_multiple(seconds, round), round, rows);
    if (!plan) plan = plan_steps(seconds, round, rows);  // what is before `from` may not be kept
    if (plan || round == kRoundSteps.back()) return plan;
  }
  std::unreachable();
}

}  // namespace tollgate::stores
