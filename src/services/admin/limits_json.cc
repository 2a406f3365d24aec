#include "services/admin/limits_json.h"

#include <cmath>

#include "base/str.h"

namespace tollgate::services {
namespace {

constexpr double kMicro = 1e6;
constexpr double kRateMax = 1e9;
constexpr codec::UintRange kTokens{.min = 1, .max = 1'000'000'000'000};
constexpr std::uint64_t kMicroPerToken = 1'000'000;

}  // namespace

std::optional<std::uint64_t> micro_tokens(double tokens_per_second) {
  if (!(tokens_per_second >= 1 / kMicro && tokens_per_second <= kRateMax)) return std::nullopt;
  const double micro = std::round(tokens_per_second * kMicro);
  // Up to 10¹⁵ is a whole number in a double, and the quotient is rounded to the nearest one: it is what the parser
  // makes of the decimal text, exactly when the text has no more than six decimals.
  if (micro / kMicro != tokens_per_second) return std::nullopt;
  return static_cast<std::uint64_t>(micro);
}

std::string rate_text(std::uint64_t refill_micro) {
  std::string text = str::cat(refill_micro / kMicroPerToken);
  const std::uint64_t rest = refill_micro % kMicroPerToken;
  if (rest == 0) return text;
  const std::string digits = str::cat(rest);
  str::append(text, ".", std::string(6 - digits.size(), '0'), digits);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

LimitNumbers read_limit_numbers(codec::JsonObjectReader& in) {
  LimitNumbers numbers;
  numbers.tokens_per_window = in.optional_uint("tokensPerWindow", kTokens);
  numbers.max_burst = in.optional_uint("maxBurst", kTokens);
  if (const auto rate = in.optional_double("refillRate", {.min = 1 / kMicro, .max = kRateMax})) {
    numbers.refill_micro = micro_tokens(*rate);
    if (!numbers.refill_micro) in.fail("refillRate", "must have at most six decimals");
  }
  return numbers;
}

void write_limit_numbers(codec::JsonWriter& json, const core::TokenBucketSpec& spec) {
  json.member("tokensPerWindow", spec.tokens_per_window);
  json.key("refillRate").raw(rate_text(spec.refill_micro));
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
