// What is going on right now: totals of each second, and whose share in it changes. A second here is when records
// arrived, not when their requests began: so each record is in exactly one, a second that is over never changes, and
// the sum over all of them is the log.
//
// Thread safety: all methods from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "core/usage/decision_record.h"
#include "core/usage/histogram.h"
#include "core/usage/names.h"
#include "core/usage/rollup.h"

namespace tollgate::services {

// A key or route whose requests a second differ from what they were.
struct Mover {
  enum class Kind : std::uint8_t { key, route };
  Kind kind = Kind::key;
  std::uint64_t id = 0;  // key_number() or NameRef
  std::uint64_t requests = 0;
  std::uint64_t rate_limited = 0;
  double before = 0;  // requests a second in the ten seconds before
};

// A second that is over.
struct LiveSecond {
  std::uint64_t number = 0;  // ascending within a start of analytics
  WallTime time{};           // its begin
  core::RollupCounts counts;
  std::array<std::uint64_t, 8> outcomes{};  // by core::Outcome
  core::Histogram latency;
  std::vector<Mover> movers;  // the greatest change first, at most ten; while somebody watches
};

class LiveFeed {
 public:
  static constexpr std::size_t kSecondsKept = 120;  // for a watcher that was away
  static constexpr std::size_t kNamesMax = 20'000;  // of keys, and of routes, told apart in a second

  explicit LiveFeed(const Clock& clock);

  void take(std::span<const core::DecisionRecord> records);

  // Seconds that are over with a number beyond `after`, oldest first. Counts as watching for the next ten seconds.
  std::vector<std::shared_ptr<const LiveSecond>> since(std::uint64_t after);
  // The number of the last second that is over; 0 before the first.
  std::uint64_t latest();
  // Of this start; part of what watchers remember.
  std::uint64_t epoch() const { return epoch_; }

 private:
  struct Tally {
    std::uint64_t requests = 0;
    std::uint64_t rate_limited = 0;
  };
  using Tallies = std::unordered_map<std::uint64_t, Tally>;
  struct Shares {
    std::array<Tallies, 2> of;                          // by Mover::Kind
    std::array<std::vector<std::uint64_t>, 2> busiest;  // of each, who may have changed
  };

  void roll();
  void begin_second(std::uint64_t number, std::int64_t second);
  void close_second();
  static std::vector<std::uint64_t> busiest_of(const Tallies& tallies);
  std::vector<Mover> movers(const Shares& now) const;
  Mover mover(Mover::Kind kind, std::uint64_t id, const Shares& now) const;
  void add_share(Mover::Kind kind, std::uint64_t id, bool limited);

  const Clock& clock_;
  const std::uint64_t epoch_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const LiveSecond>> over_;
  std::shared_ptr<LiveSecond> current_;
  std::int64_t second_ = 0;  // of current_, monotonic
  Shares shares_;
  std::deque<Shares> before_;
  std::int64_t watched_until_ = 0;
};

}  // namespace tollgate::services
