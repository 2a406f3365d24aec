#include "services/admin/limits_json.h"

#include "codec/limits/refill_rate.h"
#include "core/limit/rate_text.h"

namespace tollgate::services {
namespace {

constexpr codec::UintRange kTokens{.min = 1, .max = 1'000'000'000'000};

}  // namespace

LimitNumbers read_limit_numbers(codec::JsonObjectReader& in) {
  LimitNumbers numbers;
  numbers.tokens_per_window = in.optional_uint("tokensPerWindow", kTokens);
  numbers.max_burst = in.optional_uint("maxBurst", kTokens);
  numbers.refill_micro = codec::optional_refill_rate(in);
  return numbers;
}

void write_limit_numbers(codec::JsonWriter& json, const core::TokenBucketSpec& spec) {
  json.member("tokensPerWindow", spec.tokens_per_window);
  json.key("refillRate").raw(core::rate_text(spec.refill_micro));
  json.member("maxBurst", spec.max_burst);
}

Result<core::TokenBucketSpec> complete_spec(const LimitNumbers& numbers, const core::TokenBucketSpec& fallback) {
  const core::TokenBucketSpec spec{.refill_micro = numbers.refill_micro.value_or(fallback.refill_micro),
                                   .max_burst = numbers.max_burst.value_or(fallback.max_burst),
                                   .tokens_per_window = numbers.tokens_per_window.value_or(fallback.tokens_per_window)};
  const auto rule = core::TokenBucket::make(spec);
  if (rule) return spec;
  const std::string& detail = rule.error().detail();
  return std::unexpected(Error(codes::invalid_document, detail, {{.pointer = "/maxBurst", .detail = detail}}));
}

}  // namespace tollgate::services
