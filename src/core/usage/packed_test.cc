#include "core/usage/packed.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace tollgate::core {
namespace {

TEST(U48, KeepsWhatFitsAndTheMostThereIsOfTheRest) {
  EXPECT_EQ(U48().value(), 0u);
  EXPECT_EQ(U48(U48::kMax).value(), U48::kMax);
  EXPECT_EQ(U48(U48::kMax + 1).value(), U48::kMax);
  EXPECT_EQ(U48(std::numeric_limits<std::uint64_t>::max()).value(), U48::kMax);
  EXPECT_EQ(U48(0x1234'5678'9abc).value(), 0x1234'5678'9abcu);
}

TEST(Level, IsExactBelow8192) {
  for (std::uint64_t tokens = 0; tokens < 8192; ++tokens) {
    ASSERT_EQ(Level::of(tokens).tokens(), tokens);
    ASSERT_TRUE(Level::of(tokens).is_exact());
  }
  EXPECT_FALSE(Level::of(8192).is_exact());
}

TEST(Level, GrowsWithEachOfItsCodes) {
  for (unsigned code = 1; code <= 0xffff; ++code) {
    const Level level = Level::from_code(static_cast<std::uint16_t>(code));
    ASSERT_GT(level.tokens(), Level::from_code(static_cast<std::uint16_t>(code - 1)).tokens());
    ASSERT_EQ(Level::of(level.tokens()), level);
  }
}

TEST(Level, StopsAtItsLargest) {
  EXPECT_EQ(Level::of(134'201'344).tokens(), 134'201'344u);
  EXPECT_EQ(Level::of(std::numeric_limits<std::uint64_t>::max()).tokens(), 134'201'344u);
}

RC_GTEST_PROP(Level, NeverSaysMoreThanThereIsAndHardlyLess, ()) {
  const auto tokens = *rc::gen::inRange<std::uint64_t>(0, 134'201'345);
  const std::uint64_t kept = Level::of(tokens).tokens();
  RC_ASSERT(kept <= tokens);
  RC_ASSERT((tokens - kept) * 4096 <= tokens);
}

}  // namespace
}  // namespace tollgate::core
