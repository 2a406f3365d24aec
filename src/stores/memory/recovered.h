// What a killed predecessor left: for a bucket without stored state, the least that must be assumed to be drained from
// it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/limit/token_bucket.h"
#include "stores/memory/drain_map.h"

namespace tollgate::stores {

// Thread safety: immutable.
class Recovered {
 public:
  // `cells`: as the drain map was at the restart; not empty.
  Recovered(std::vector<std::uint32_t> cells, core::LimiterTime restarted)
      : cells_(std::move(cells)),
        matters_until_(*std::max_element(cells_.begin(), cells_.end())),
        restarted_(restarted) {}

  core::Tat at_least(const core::TokenBucket& rule, Hash128 key) const {
    const CellPair pair = cells_of(key, cells_.size());
    return full_at(rule, std::min(cells_[pair.first], cells_[pair.second]), restarted_);
  }
  // From this second on nothing here matters.
  std::uint32_t matters_until() const { return matters_until_; }

  // A bucket that is full at `second`, but not emptier than empty at the restart: a second that came from another key
  // must not block this one for longer than it takes to fill.
  static core::Tat full_at(const core::TokenBucket& rule, std::uint32_t second, core::LimiterTime restarted) {
    const core::LimiterTime full{std::int64_t{second} * 1'000'000'000};
    if (full <= restarted) return {};
    return std::min(rule.holding(rule.spec().max_burst, full), rule.holding(0, restarted));
  }

 private:
  std::vector<std::uint32_t> cells_;
  std::uint32_t matters_until_;
  core::LimiterTime restarted_;
};

}  // namespace tollgate::stores
