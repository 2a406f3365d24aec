#include "base/scatter.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tollgate {
namespace {

TEST(Scatter, UnscatterUndoesIt) {
  EXPECT_TRUE(rc::check("unscatter(scatter(x)) == x", [](std::uint32_t x) {
    RC_ASSERT(unscatter(scatter(x)) == x);
    RC_ASSERT(scatter(unscatter(x)) == x);
  }));
}

TEST(Scatter, NeighboursLookNothingAlike) {
  unsigned different_bits = 0;
  for (std::uint32_t x = 0; x < 1000; ++x) {
    different_bits += static_cast<unsigned>(std::popcount(scatter(x) ^ scatter(x + 1)));
  }
  EXPECT_NEAR(different_bits / 1000.0, 16, 0.5);
}

}  // namespace
}  // namespace tollgate
