#include "core/policy/tier.h"

#include <gtest/gtest.h>

namespace tollgate::core {
namespace {

TEST(TierName, IsLowerCasedAndRestricted) {
  EXPECT_EQ(parse_tier_name("Pro"), "pro");
  EXPECT_EQ(parse_tier_name("free_2-b"), "free_2-b");
  EXPECT_EQ(parse_tier_name(std::string(40, 'a')), std::string(40, 'a'));
  for (const std::string& bad : {std::string(), std::string(41, 'a'), std::string("a b"), std::string("a/b"),
                                 std::string("é"), std::string("a\0", 2)}) {
    EXPECT_EQ(parse_tier_name(bad), std::nullopt) << bad;
  }
}

TEST(BuiltInTiers, HaveNamesThatAreTheirOwnNormalForm) {
  for (const BuiltInTier& tier : kBuiltInTiers) EXPECT_EQ(parse_tier_name(tier.name), tier.name);
}

}  // namespace
}  // namespace tollgate::core
