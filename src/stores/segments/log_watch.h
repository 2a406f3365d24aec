// How the decision log fares, and when that is news: worse at once, better when it has lasted.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace tollgate::stores {

// Each includes what stands before it.
enum class LogCondition : std::uint8_t {
  whole,      // every record is kept, through a kill too
  in_memory,  // there was no room for a ring's file or for the reserve: a kill may take records
  waiting,    // the disk takes no records: they wait in the rings
  counting,   // rings were half full of them: the older ones are counts now
  dropping,   // there was no room even for counts: records are lost
};

// Thread safety: one thread at a time.
class LogWatch {
 public:
  static constexpr Seconds kLasting{3};

  // What is to be told, if anything. `now` never goes back.
  std::optional<LogCondition> look(LogCondition seen, MonoTime now) {
    if (weight(seen) >= weight(told_)) last_bad_ = now;
    const bool worse = weight(seen) > weight(told_);
    const bool better = weight(seen) < weight(told_) && now - last_bad_ >= kLasting;
    if (!worse && !better) return std::nullopt;
    told_ = seen;
    last_bad_ = now;
    return seen;
  }

 private:
  // Nothing more is lost by waiting without a file than by waiting with one: no news.
  static int weight(LogCondition condition) {
    return condition == LogCondition::in_memory ? static_cast<int>(LogCondition::waiting) : static_cast<int>(condition);
  }

  LogCondition told_ = LogCondition::whole;
  MonoTime last_bad_{};
};

}  // namespace tollgate::stores
