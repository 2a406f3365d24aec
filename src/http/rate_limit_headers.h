// What clients are told about their limits, all of it from the one decision: `RateLimit-Policy` and `RateLimit` (IETF
// draft "RateLimit header fields for HTTP", named items), the older X-RateLimit-*, and Retry-After on refusals.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tollgate::http {

struct RateLimitItem {
  std::string_view name;             // of [a-z0-9_-]
  std::uint64_t quota = 0;           // tokens per window: `q`
  std::uint64_t window_seconds = 0;  // `w`
  std::uint64_t remaining = 0;       // whole tokens now: `r`
  // Told as `t`, in seconds, rounded up: after a refusal by this limit, when the refused request would pass; else when
  // the limit is untouched again. So `t` and Retry-After never contradict each other.
  Nanos reset{0};
};

// Appends whole header lines ("Name: value\r\n"), nothing when there are no items. The X- lines speak of the item with
// the smallest share of its quota left.
void append_rate_limit_lines(std::string& out, std::span<const RateLimitItem> items);

// Is this the name of a field of the kind that is appended here?
bool is_rate_limit_field(std::string_view name);

// "Retry-After: 3\r\n": whole seconds, rounded up, at least 1: never before the wait is really over.
void append_retry_after_line(std::string& out, Nanos wait);

std::uint64_t seconds_rounded_up(Nanos duration);

}  // namespace tollgate::http
