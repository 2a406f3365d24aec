#include "services/admin/limits_json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/json/parse.h"

namespace tollgate::services {
namespace {

std::optional<std::uint64_t> parsed(const std::string& text) {
  const auto document = codec::parse_json("{\"refillRate\":" + text + "}");
  if (!document) return std::nullopt;
  codec::JsonObjectReader in(*document);
  const LimitNumbers numbers = read_limit_numbers(in);
  if (!in.finish()) return std::nullopt;
  return numbers.refill_micro;
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

RC_GTEST_PROP(RefillRate, SurvivesBeingWrittenAndReadAtEveryMagnitude, ()) {
  const auto digits = *rc::gen::inRange(0, 16);
  std::uint64_t micro = *rc::gen::inRange<std::uint64_t>(1, 10);
  for (int i = 0; i < digits; ++i) micro = micro * 10 + *rc::gen::inRange<std::uint64_t>(0, 10);
  micro = std::min<std::uint64_t>(micro, 1'000'000'000'000'000);
  RC_ASSERT(parsed(rate_text(micro)) == micro);
}

}  // namespace
}  // namespace tollgate::services
