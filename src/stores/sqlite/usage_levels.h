// The levels of roll-ups, finest first, and how long each is kept.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "core/usage/chunk_fold.h"

namespace tollgate::stores {

inline constexpr std::size_t kSecondLevel = 0, kMinuteLevel = 1, kHourLevel = 2, kDayLevel = 3, kEverLevel = 4;

// A window is a span of the next level, but for days: the more rows stand together, the fewer chunks a question about
// one key has to open.
inline constexpr std::array<core::FoldShape, 5> kUsageLevels{{
    {.unit = Seconds(1), .window = Seconds(60)},
    {.unit = Seconds(60), .window = Seconds(3600)},
    {.unit = Seconds(3600), .window = Seconds(86'400)},
    {.unit = Seconds(86'400), .window = Seconds(32 * 86'400)},
    {.unit = Seconds(0), .window = Seconds(0)},
}};

// Of the rows of a level; those of all of time have one bucket, 0.
constexpr std::int64_t bucket_of(std::int64_t second, std::size_t level) {
  const std::int64_t unit = kUsageLevels[level].unit.count();
  return unit == 0 ? 0 : second - second % unit;
}

// The first bucket of a level, but that of all of time, that begins at that second or later.
constexpr std::int64_t next_bucket(std::int64_t second, std::size_t level) {
  return bucket_of(second + kUsageLevels[level].unit.count() - 1, level);
}

// How long rows of each level are kept, but for those of all of time.
using UsageRetention = std::array<Seconds, kEverLevel>;
inline constexpr UsageRetention kUsageKept{Seconds(3600), Seconds(400 * 86'400), Seconds(3 * 366 * 86'400),
                                           Seconds(10 * 366 * 86'400)};

// The first bucket that a level is to have.
constexpr std::int64_t oldest_promised(const UsageRetention& kept, std::size_t level, std::int64_t now) {
  return bucket_of(std::max<std::int64_t>(now - kept[level].count(), 0), level);
}
// The first that is not deleted: five minutes older, so that a question on its way finds all of it.
constexpr std::int64_t oldest_kept(const UsageRetention& kept, std::size_t level, std::int64_t now) {
  return oldest_promised(kept, level, now - 300);
}

// What the operator may choose.
struct UsageOptions {
  UsageRetention kept = kUsageKept;  // each level no shorter than the finer one
  std::uint64_t max_bytes = 0;       // of the file and its write-ahead log, nearly; 0: no bound
  Millis busy_timeout{5000};         // how long ingest waits for another process that has the file locked
};

// The first bucket of each level before which rows may be missing.
using UsageFloors = std::array<std::int64_t, kEverLevel>;

}  // namespace tollgate::stores
