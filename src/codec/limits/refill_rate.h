// A bucket's rate as people write it in JSON, "refillRate" in tokens per second with at most six decimals, and as it is
// counted, in micro-tokens per second. Conversion is exact or refused, never rounded.
//
// Pure. Thread safety: any.
#pragma once

#include <cstdint>
#include <optional>

#include "codec/json/object_reader.h"

namespace tollgate::codec {

// What core::rate_text() writes comes back as the same number. Nothing when it has more than six decimals or is outside
// 10⁻⁶ … 10⁹.
std::optional<std::uint64_t> micro_tokens(double tokens_per_second);

// The member "refillRate" in micro-tokens. Faults go to the reader; a required rate that is missing or wrong reads as
// the smallest.
std::optional<std::uint64_t> optional_refill_rate(JsonObjectReader& in);
std::uint64_t required_refill_rate(JsonObjectReader& in);

}  // namespace tollgate::codec
