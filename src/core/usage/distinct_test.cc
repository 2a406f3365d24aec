#include "core/usage/distinct.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "core/usage/distinct_sum.h"

namespace tollgate::core {
namespace {

using Hashes = std::vector<std::uint32_t>;

Distinct sketch_of(const Hashes& hashes) {
  Distinct sketch;
  for (const std::uint32_t hash : hashes) sketch.add(hash);
  return sketch;
}

// Of few and many, with repetitions.
Hashes random_hashes() {
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  const std::size_t count = *rc::gen::element<std::size_t>(0, 1, 5, 300, kFewMax, kFewMax + 1, 3000);
  const std::uint32_t kinds = *rc::gen::element<std::uint32_t>(1, 20, 5000);
  Hashes hashes(count);
  for (std::uint32_t& hash : hashes) hash = static_cast<std::uint32_t>(random() % kinds) * 0x9e37'79b1u;
  return hashes;
}

Hashes both(Hashes a, const Hashes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

RC_GTEST_PROP(Distinct, TheMergeOfTwoIsTheSketchOfTheUnion, ()) {
  const Hashes a = random_hashes(), b = random_hashes();
  Distinct merged = sketch_of(a);
  merged.add(sketch_of(b).view());
  RC_ASSERT(merged == sketch_of(both(a, b)));
}

RC_GTEST_PROP(Distinct, TheOrderInWhichHashesComeMakesNoDifference, ()) {
  Hashes hashes = random_hashes();
  const Distinct first = sketch_of(hashes);
  std::ranges::reverse(hashes);
  RC_ASSERT(sketch_of(hashes) == first);
}

RC_GTEST_PROP(Distinct, IsExactForFew, ()) {
  const Hashes hashes = random_hashes();
  const std::set<std::uint32_t> different(hashes.begin(), hashes.end());
  if (different.size() <= kFewMax) RC_ASSERT(sketch_of(hashes).count() == different.size());
}

RC_GTEST_PROP(DistinctSum, EqualsTheSketchesMergedOneByOneHoweverOftenItIsTakenFrom, ()) {
  DistinctSum sum;
  Distinct got;
  for (int round = 0; round < 3; ++round) {
    Distinct expected;
    for (int parts = *rc::gen::inRange(0, 4); parts > 0; --parts) {
      const Distinct part = sketch_of(random_hashes());
      expected.add(part.view());
      sum.add(part.view());
    }
    sum.take(got);
    RC_ASSERT(got == expected);
  }
}

// Two standard errors hold for 19 of 20 sets; none of these 400 is worse than four.
TEST(Distinct, EstimatesWithinTheErrorItStates) {
  std::mt19937_64 random(20'261'130);
  constexpr int kSets = 400;
  int beyond = 0;
  for (int set = 0; set < kSets; ++set) {
    const double size = std::exp2(std::uniform_real_distribution<>(9.1, 19)(random));
    Distinct sketch;
    for (int i = 0; i < static_cast<int>(size); ++i) sketch.add(static_cast<std::uint32_t>(random() >> 32));
    const double error = std::abs(static_cast<double>(sketch.count()) / std::floor(size) - 1);
    EXPECT_LE(error, 2 * kDistinctRelativeError) << "of a set of " << size;
    beyond += error > kDistinctRelativeError ? 1 : 0;
  }
  EXPECT_LE(beyond, kSets / 13);
}

TEST(Distinct, EstimatesManyMillionsWithinTheErrorItStates) {
  std::mt19937_64 random(20'261'130);
  std::vector<std::uint8_t> registers(kDistinctRegisters);
  constexpr int kSize = 5'000'000;
  for (int i = 0; i < kSize; ++i) {
    const auto hash = static_cast<std::uint32_t>(random() >> 32);
    raise(registers, std::span(&hash, 1));
  }
  EXPECT_NEAR(static_cast<double>(estimate({.few = {}, .registers = registers})), kSize,
              kSize * kDistinctRelativeError);
}

}  // namespace
}  // namespace tollgate::core
