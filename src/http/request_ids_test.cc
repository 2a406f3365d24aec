#include "http/request_ids.h"

#include <gtest/gtest.h>

#include <set>

namespace tollgate::http {
namespace {

constexpr WallTime kNow{Seconds(1'790'000'000) + Millis(999)};

TEST(RequestIds, SayTheSecondTheRequestCame) {
  RequestIds ids;
  EXPECT_EQ(ids.next(kNow) >> 32, 1'790'000'000u);
  EXPECT_EQ(ids.next(kNow + Millis(1)) >> 32, 1'790'000'001u);
}

TEST(RequestIds, DoNotRepeatWithinASecondAndAreNotCountedUp) {
  RequestIds ids;
  std::set<std::uint64_t> seen;
  std::uint64_t neighbours = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t id = ids.next(kNow);
    ASSERT_TRUE(seen.insert(id).second);
    neighbours += seen.contains(id - 1) || seen.contains(id + 1) ? 1U : 0U;
  }
  EXPECT_LT(neighbours, 100u);
}

}  // namespace
}  // namespace tollgate::http
