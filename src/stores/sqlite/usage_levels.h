// The levels of roll-ups, finest first, and how long each is kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "core/usage/chunk_fold.h"

namespace tollgate::stores {

struct UsageLevel {
  core::FoldShape shape;
  Seconds kept{0};  // 0 s: for ever
};

inline constexpr std::size_t kSecondLevel = 0, kMinuteLevel = 1, kHourLevel = 2, kDayLevel = 3, kEverLevel = 4;

inline constexpr Seconds kSecondsKept{3600};
inline constexpr Seconds kMinutesKept{400 * 86'400};
inline constexpr Seconds kHoursKept{3 * 366 * 86'400};
inline constexpr Seconds kDaysKept{10 * 366 * 86'400};

// A window is a span of the next level, but for days: the more rows stand together, the fewer chunks a question about
// one key has to open.
inline constexpr std::array<UsageLevel, 5> kUsageLevels{{
    {.shape = {.unit = Seconds(1), .window = Seconds(60)}, .kept = kSecondsKept},
    {.shape = {.unit = Seconds(60), .window = Seconds(3600)}, .kept = kMinutesKept},
    {.shape = {.unit = Seconds(3600), .window = Seconds(86'400)}, .kept = kHoursKept},
    {.shape = {.unit = Seconds(86'400), .window = Seconds(32 * 86'400)}, .kept = kDaysKept},
    {.shape = {.unit = Seconds(0), .window = Seconds(0)}, .kept = Seconds(0)},
}};

// Of the rows of a level; those of all of time have one bucket, 0.
constexpr std::int64_t bucket_of(std::int64_t second, std::size_t level) {
  const std::int64_t unit = kUsageLevels[level].shape.unit.count();
  return unit == 0 ? 0 : second - second % unit;
}

}  // namespace tollgate::stores
