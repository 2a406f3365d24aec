#include "codec/limits/refill_rate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "codec/json/parse.h"
#include "core/limit/rate_text.h"

namespace tollgate::codec {
namespace {

// What both readers make of the text; nothing when they refuse it. They never differ about a rate that is there.
std::optional<std::uint64_t> parsed(const std::string& text) {
  const auto document = parse_json("{\"refillRate\":" + text + "}");
  if (!document) return std::nullopt;
  JsonObjectReader one(*document);
  JsonObjectReader other(*document);
  const auto optional = optional_refill_rate(one);
  const std::uint64_t required = required_refill_rate(other);
  const bool good = one.finish().has_value();
  EXPECT_EQ(other.finish().has_value(), good) << text;
  if (!good) return std::nullopt;
  EXPECT_EQ(optional, required) << text;
  return optional;
}

TEST(RefillRate, IsExactToTheMicroTokenOrRefused) {
  EXPECT_EQ(parsed("10"), 10'000'000u);
  EXPECT_EQ(parsed("0.1"), 100'000u);
  EXPECT_EQ(parsed("0.000001"), 1u);
  EXPECT_EQ(parsed("1000000000"), 1'000'000'000'000'000u);
  EXPECT_EQ(parsed("999999999.999999"), 999'999'999'999'999u);
  EXPECT_EQ(parsed("1e3"), 1'000'000'000u);
  for (const char* bad :
       {"0", "0.0000001", "0.0000015", "1.0000001", "1000000000.000001", "1000000001", "-1", "1e300"}) {
    EXPECT_EQ(parsed(bad), std::nullopt) << bad;
  }
}

TEST(RefillRate, MayBeAbsentOnlyWhereItIsOptional) {
  const auto document = parse_json("{}");
  JsonObjectReader lenient(*document);
  EXPECT_EQ(optional_refill_rate(lenient), std::nullopt);
  EXPECT_TRUE(lenient.finish().has_value());
  JsonObjectReader strict(*document);
  (void)required_refill_rate(strict);
  const auto refused = strict.finish();
  ASSERT_FALSE(refused.has_value());
  ASSERT_EQ(refused.error().fields().size(), 1u);
  EXPECT_EQ(refused.error().fields()[0].pointer, "/refillRate");
}

RC_GTEST_PROP(RefillRate, SurvivesBeingWrittenAndReadAtEveryMagnitude, ()) {
  const auto digits = *rc::gen::inRange(0, 16);
  std::uint64_t micro = *rc::gen::inRange<std::uint64_t>(1, 10);
  for (int i = 0; i < digits; ++i) micro = micro * 10 + *rc::gen::inRange<std::uint64_t>(0, 10);
  micro = std::min<std::uint64_t>(micro, 1'000'000'000'000'000);
  RC_ASSERT(parsed(core::rate_text(micro)) == micro);
}

}  // namespace
}  // namespace tollgate::codec
