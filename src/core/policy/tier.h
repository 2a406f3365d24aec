// Tiers: the plans that keys are sold under. Three are built in; they can be edited, not deleted.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "core/limit/token_bucket.h"

namespace tollgate::core {

struct Tier {
  std::string name;   // 1 … 40 of [a-z0-9_-]; names are compared in lower case
  std::string title;  // for people
  TokenBucketSpec limit;
  bool built_in = false;
  WallTime updated_at{};
  std::uint32_t limit_revision = 0;  // grows when `limit` changes
  std::uint64_t revision = 0;        // the store's change counter at the last change
};

struct BuiltInTier {
  std::string_view name;
  std::string_view title;
  TokenBucketSpec limit;
};

// Free 100/10/100, Pro 1000/100/1000, Enterprise 10000/1000/10000 (tokensPerWindow / refillRate / maxBurst).
inline constexpr std::array<BuiltInTier, 3> kBuiltInTiers{{
    {"free", "Free", {.refill_micro = 10'000'000, .max_burst = 100, .tokens_per_window = 100}},
    {"pro", "Pro", {.refill_micro = 100'000'000, .max_burst = 1'000, .tokens_per_window = 1'000}},
    {"enterprise", "Enterprise", {.refill_micro = 1'000'000'000, .max_burst = 10'000, .tokens_per_window = 10'000}},
}};

// The name in lower case, or nothing when it breaks the rule for names.
std::optional<std::string> parse_tier_name(std::string_view text);

}  // namespace tollgate::core
