// The three numbers of a token bucket as people write them: tokensPerWindow and maxBurst in tokens, refillRate in
// tokens per second (codec/limits/refill_rate.h).
//
// Pure. Thread safety: any.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "codec/json/object_reader.h"
#include "codec/json/writer.h"
#include "core/limit/token_bucket.h"

namespace tollgate::services {

struct LimitNumbers {
  std::optional<std::uint64_t> refill_micro, max_burst, tokens_per_window;
  bool any() const { return refill_micro || max_burst || tokens_per_window; }
};

// Members that are absent stay empty; faults go to the reader.
LimitNumbers read_limit_numbers(codec::JsonObjectReader& in);
void write_limit_numbers(codec::JsonWriter& json, const core::TokenBucketSpec& spec);

// `numbers`, and `fallback` where they are silent. invalid_document when no bucket can have them together.
Result<core::TokenBucketSpec> complete_spec(const LimitNumbers& numbers, const core::TokenBucketSpec& fallback);

}  // namespace tollgate::services
