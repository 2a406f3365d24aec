#include "core/usage/histogram.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core/usage/latency_sum.h"

namespace tollgate::core {
namespace {

Histogram of(const std::vector<std::uint32_t>& values) {
  Histogram histogram;
  for (const std::uint32_t value : values) histogram.record(value);
  return histogram;
}

double exact(std::vector<std::uint32_t> values, double q) {
  std::ranges::sort(values);
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

// Latencies are spread over their magnitudes, not over the integers.
rc::Gen<std::vector<std::uint32_t>> latencies() {
  return rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint32_t>>(
      rc::gen::apply([](std::uint32_t bits, std::uint32_t shift) { return bits >> shift; },
                     rc::gen::arbitrary<std::uint32_t>(), rc::gen::inRange(0u, 32u))));
}

RC_GTEST_PROP(Histogram, EveryQuantileIsWithinItsErrorBound, ()) {
  const auto values = *latencies();
  const Histogram histogram = of(values);
  for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const double truth = exact(values, q);
    RC_ASSERT(std::abs(histogram.quantile_us(q) - truth) <= Histogram::kRelativeErrorMax * truth);
  }
}

TEST(Histogram, IsWithinItsErrorBoundAroundEveryPowerOfTwo) {
  for (int exponent = 0; exponent < 32; ++exponent) {
    for (const std::int64_t offset : {-2, -1, 0, 1, 2}) {
      const std::int64_t value = (std::int64_t{1} << exponent) + offset;
      if (value < 0 || value > std::numeric_limits<std::uint32_t>::max()) continue;
      const double truth = static_cast<double>(value);
      const double got = of({static_cast<std::uint32_t>(value)}).quantile_us(0.5);
      EXPECT_LE(std::abs(got - truth), Histogram::kRelativeErrorMax * truth) << value;
    }
  }
  EXPECT_NEAR(of({std::numeric_limits<std::uint32_t>::max()}).quantile_us(1), 4294967295.0, 4294967295.0 * 0.011);
}

TEST(Histogram, FollowsTheLayoutOfOpenTelemetry) {
  // Upper bounds belong to their bucket: 2^k is the last value of index 32k-1; serialised as slot 32k (index + 1).
  std::string bytes;
  of({1024}).serialise(bytes);
  EXPECT_EQ(bytes, std::string("\x05\x00\x01\xc0\x02\x01", 6));
}

RC_GTEST_PROP(Histogram, MergingIsTheSameAsRecordingTogether, ()) {
  const auto a = *latencies();
  const auto b = *latencies();
  auto both = a;
  both.insert(both.end(), b.begin(), b.end());
  Histogram merged = of(a);
  merged.merge(of(b));
  RC_ASSERT(merged == of(both));
  RC_ASSERT(merged.count() == both.size());
}

RC_GTEST_PROP(Histogram, SurvivesBeingSerialised, ()) {
  const Histogram before = of(*latencies());
  std::string bytes;
  before.serialise(bytes);
  const auto after = Histogram::parse(bytes);
  RC_ASSERT(after.has_value());
  RC_ASSERT(*after == before);
}

RC_GTEST_PROP(Histogram, AcceptsOnlyBytesThatItWouldWriteItself, (std::string bytes)) {
  if (!bytes.empty() && *rc::gen::inRange(0, 4) != 0) bytes[0] = static_cast<char>(Histogram::kScale);
  if (const auto parsed = Histogram::parse(bytes)) {
    std::string again;
    parsed->serialise(again);
    RC_ASSERT(again == bytes);
  }
}

RC_GTEST_PROP(LatencySum, IsTheHistogramOfAllWhateverTheOrder, ()) {
  const auto parts =
      *rc::gen::container<std::vector<std::vector<std::uint32_t>>>(rc::gen::arbitrary<std::vector<std::uint32_t>>());
  Histogram all;
  LatencySum sum;
  for (const auto& values : parts) {
    const Histogram part = of(values);
    all.merge(part);
    sum.add(part.counts());
  }
  RC_ASSERT(sum.histogram() == all);
}

TEST(Histogram, RefusesEveryTruncation) {
  std::string bytes;
  of({0, 1, 5, 5, 900, 70'000, 4'000'000'000}).serialise(bytes);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(Histogram::parse(std::string_view(bytes).substr(0, length))) << length;
  }
}

TEST(Histogram, RefusesCountsThatOverflow) {
  const std::string most(9, '\xff');
  const std::string bytes = std::string("\x05\x00\x02\x00", 4) + most + std::string("\x01\x00", 2) + most + "\x01";
  EXPECT_FALSE(Histogram::parse(bytes));
}

TEST(Histogram, IsZeroWhenEmpty) {
  EXPECT_EQ(Histogram().quantile_us(0.99), 0);
}

}  // namespace
}  // namespace tollgate::core
