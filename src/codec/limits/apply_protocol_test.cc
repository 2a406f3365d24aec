#include "codec/limits/apply_protocol.h"

#include <gtest/gtest.h>

#include <limits>

namespace tollgate::codec {
namespace {

const core::TokenBucket kRule =
    *core::TokenBucket::make({.refill_micro = 333'333, .max_burst = 1'000'000, .tokens_per_window = 7});
const core::TokenBucket kOther =
    *core::TokenBucket::make({.refill_micro = 10'000'000, .max_burst = 1, .tokens_per_window = 1});
constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

core::LimitCheck check(const core::TokenBucket& rule, std::uint64_t number) {
  return {.rule = &rule,
          .bucket = {.low = 0x0123456789abcdef ^ number, .high = kHuge - number},
          .cost = kHuge,
          .created = WallTime(Nanos(1'790'000'000'123'456'789)),
          .shadow = number % 2 == 1};
}

void expect_same(const core::LimitCheck& a, const core::LimitCheck& b) {
  EXPECT_EQ(a.rule->spec(), b.rule->spec());
  EXPECT_EQ(a.bucket, b.bucket);
  EXPECT_EQ(a.cost, b.cost);
  EXPECT_EQ(a.created, b.created);
  EXPECT_EQ(a.shadow, b.shadow);
}

TEST(ApplyProtocol, CarriesChecksExactly) {
  const std::vector<core::LimitCheck> first = {check(kRule, 1), check(kOther, 2)};
  const std::vector<core::LimitCheck> second = {check(kOther, 3)};
  const ApplyGroup groups[] = {{.checks = first, .peek = false}, {.checks = second, .peek = true}};
  const auto decoded = decode_apply(encode_apply(groups));
  ASSERT_TRUE(decoded) << decoded.error().to_string();
  ASSERT_EQ(decoded->size(), 2u);
  EXPECT_FALSE((*decoded)[0].peek);
  EXPECT_TRUE((*decoded)[1].peek);
  ASSERT_EQ((*decoded)[0].checks.size(), 2u);
  expect_same((*decoded)[0].checks[0], first[0]);
  expect_same((*decoded)[0].checks[1], first[1]);
  expect_same((*decoded)[1].checks[0], second[0]);
}

TEST(ApplyProtocol, FitsTheLargestRequestIntoItsLimit) {
  const std::vector<core::LimitCheck> checks(core::kMaxChecks, check(kRule, 1));
  const std::vector<ApplyGroup> groups(kMaxApplyGroups, {.checks = checks, .peek = false});
  const std::string text = encode_apply(groups);
  EXPECT_LT(text.size(), kMaxApplyBytes);
  EXPECT_TRUE(decode_apply(text));
}

core::LimitOutcome refused_outcome() {
  core::LimitOutcome outcome{.allowed = false, .refused_by = 1, .retired = true, .answers = {}};
  outcome.answers[0] = {.remaining = 5, .level_before = 6, .retry_after = Nanos(0), .until_full = Nanos(7)};
  outcome.answers[1] = {.verdict = core::Verdict::denied,
                        .remaining = kHuge,
                        .level_before = 0,
                        .retry_after = Nanos::max(),
                        .until_full = Nanos(1)};
  return outcome;
}

void expect_same(const core::LimitAnswer& a, const core::LimitAnswer& b) {
  EXPECT_EQ(a.verdict, b.verdict);
  EXPECT_EQ(a.remaining, b.remaining);
  EXPECT_EQ(a.level_before, b.level_before);
  EXPECT_EQ(a.retry_after, b.retry_after);
  EXPECT_EQ(a.until_full, b.until_full);
}

TEST(ApplyProtocol, CarriesOutcomesAndFailuresExactly) {
  const std::vector<core::LimitCheck> two(2, check(kRule, 1));
  const ApplyGroup groups[] = {{.checks = two}, {.checks = two}, {.checks = two}};
  std::vector<GroupOutcome> outcomes;
  outcomes.push_back({.outcome = refused_outcome(), .checks = 2});
  outcomes.push_back({.outcome = fail(codes::limiter_unavailable, "no room"), .checks = 2});
  outcomes.push_back({.outcome = core::LimitOutcome{}, .checks = 2});
  const auto decoded = decode_outcomes(encode_outcomes(outcomes), groups);
  ASSERT_TRUE(decoded) << decoded.error().to_string();
  const core::LimitOutcome& first = *decoded->at(0);
  EXPECT_FALSE(first.allowed);
  EXPECT_EQ(first.refused_by, 1);
  EXPECT_TRUE(first.retired);
  for (std::size_t i = 0; i < 2; ++i) expect_same(first.answers[i], refused_outcome().answers[i]);
  ASSERT_FALSE(decoded->at(1));
  EXPECT_TRUE(decoded->at(1).error().is(codes::limiter_unavailable));
  EXPECT_EQ(decoded->at(1).error().detail(), "no room");
  EXPECT_TRUE(decoded->at(2)->allowed);
  EXPECT_EQ(decoded->at(2)->refused_by, -1);
}

TEST(ApplyProtocol, RefusesAnAnswerToAnotherQuestion) {
  const std::vector<core::LimitCheck> one(1, check(kRule, 1));
  const ApplyGroup asked[] = {{.checks = one}};
  const std::vector<GroupOutcome> two_answers = {{.outcome = core::LimitOutcome{}, .checks = 2}};
  EXPECT_FALSE(decode_outcomes(encode_outcomes(two_answers), asked));
  EXPECT_FALSE(decode_outcomes(R"({"outcomes":[]})", asked));
  const std::vector<GroupOutcome> refused_by_other = {{.outcome = refused_outcome(), .checks = 1}};
  EXPECT_FALSE(decode_outcomes(encode_outcomes(refused_by_other), asked));
}

TEST(ApplyProtocol, CarriesSingleChecksMigrationsAnswersAndSeeds) {
  const auto one = decode_check(encode_check(check(kRule, 1)));
  ASSERT_TRUE(one);
  expect_same(one->checks.at(0), check(kRule, 1));
  const auto both = decode_migration(encode_migration(check(kRule, 1), check(kOther, 2)));
  ASSERT_TRUE(both);
  expect_same(both->checks.at(0), check(kRule, 1));
  expect_same(both->checks.at(1), check(kOther, 2));
  const auto answer = decode_answer(encode_answer(refused_outcome().answers[1]));
  ASSERT_TRUE(answer);
  expect_same(*answer, refused_outcome().answers[1]);
  EXPECT_EQ(encode_seed(0x0edcba9876543210), R"({"seed":"0edcba9876543210"})");
}

TEST(ApplyProtocol, SaysWhereADocumentIsWrong) {
  const auto pointer_of = [](const std::string& bucket, const std::string& burst, const std::string& more) {
    const auto decoded = decode_apply(R"({"groups":[{"peek":false,"checks":[{"bucket":")" + bucket +
                                      R"(","refillMicro":1000000,"maxBurst":)" + burst +
                                      R"(,"tokensPerWindow":1,"cost":1,"createdNs":0,"shadow":false)" + more + "}]}]}");
    return decoded ? std::string("accepted") : decoded.error().fields().at(0).pointer;
  };
  const std::string bucket(32, 'a');
  EXPECT_EQ(pointer_of(bucket, "1", ""), "accepted");
  EXPECT_EQ(pointer_of(std::string(31, 'a'), "1", ""), "/groups/0/checks/0/bucket");
  EXPECT_EQ(pointer_of(std::string(32, 'A'), "1", ""), "/groups/0/checks/0/bucket");
  EXPECT_EQ(pointer_of(bucket, "0", ""), "/groups/0/checks/0/maxBurst");
  EXPECT_EQ(pointer_of(bucket, "-1", ""), "/groups/0/checks/0/maxBurst");
  EXPECT_EQ(pointer_of(bucket, "18446744073709551616", ""), "/groups/0/checks/0/maxBurst");
  EXPECT_EQ(pointer_of(bucket, "1", R"(,"extra":1)"), "/groups/0/checks/0/extra");
  EXPECT_FALSE(decode_apply(R"({"groups":[]})"));
  EXPECT_FALSE(decode_apply(R"({"groups":[{"peek":false,"checks":[]}]})"));
  EXPECT_FALSE(decode_migration(R"({"from":{}})"));
}

}  // namespace
}  // namespace tollgate::codec
