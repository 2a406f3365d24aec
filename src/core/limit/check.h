// One question to a limit store and its answer. A request asks about several limits at once: all or nothing.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/hash.h"
#include "core/limit/token_bucket.h"

namespace tollgate::core {

// A request never has more limits than this; configuration that could make more is refused at load.
inline constexpr std::size_t kMaxChecks = 8;

struct LimitCheck {
  const TokenBucket* rule = nullptr;  // outlives the call
  Hash128 bucket;                     // which bucket: limit name, revision and scope values, hashed as a tuple
  std::uint64_t cost = 1;             // tokens
  WallTime created{};                 // when the thing limited came to be: decides the level of a bucket without state
  bool shadow = false;                // counted and reported, never refuses
};

struct LimitAnswer {
  Verdict verdict = Verdict::allowed;
  std::uint64_t remaining = 0;     // whole tokens after the decision (after a denial: what is there, untouched)
  std::uint64_t level_before = 0;  // whole tokens before it
  Nanos retry_after{0};
  Nanos until_full{0};
};

// When a client may expect more of this limit: after a refusal, when what was refused would pass; else when it is full.
inline Nanos reset_of(const LimitAnswer& answer) {
  return answer.verdict == Verdict::denied ? answer.retry_after : answer.until_full;
}

struct LimitOutcome {
  bool allowed = true;
  std::int8_t refused_by = -1;  // index of the check that refused: the one with the longest wait
  // Refused because that bucket has moved to other numbers (LimitStore::migrate): whoever asked holds an old
  // configuration, should read the current one and ask again.
  bool retired = false;
  std::array<LimitAnswer, kMaxChecks> answers;
};

}  // namespace tollgate::core
