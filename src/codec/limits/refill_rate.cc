#include "codec/limits/refill_rate.h"

#include <cmath>

#include "base/str.h"

namespace tollgate::codec {
namespace {

constexpr std::string_view kName = "refillRate";
constexpr double kMicro = 1e6;
constexpr DoubleRange kRates{.min = 1 / kMicro, .max = 1e9};

std::optional<std::uint64_t> exact_or_fault(JsonObjectReader& in, double rate) {
  const auto micro = micro_tokens(rate);
  if (!micro) in.fail(kName, "must have at most six decimals");
  return micro;
}

}  // namespace

std::optional<std::uint64_t> micro_tokens(double tokens_per_second) {
  if (!(tokens_per_second >= kRates.min && tokens_per_second <= kRates.max)) return std::nullopt;
  const double micro = std::round(tokens_per_second * kMicro);
  // Up to 10¹⁵ is a whole number in a double, and the quotient is rounded to the nearest one: it is what the parser
  // makes of the decimal text, exactly when the text has no more than six decimals.
  if (micro / kMicro != tokens_per_second) return std::nullopt;
  return static_cast<std::uint64_t>(micro);
}

std::optional<std::uint64_t> optional_refill_rate(JsonObjectReader& in) {
  const auto rate = in.optional_double(kName, kRates);
  return rate ? exact_or_fault(in, *rate) : std::nullopt;
}

std::uint64_t required_refill_rate(JsonObjectReader& in) {
  return exact_or_fault(in, in.required_double(kName, kRates)).value_or(1);
}

}  // namespace tollgate::codec
