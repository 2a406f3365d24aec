#include "ports/usage_query.h"

#include <gtest/gtest.h>

namespace tollgate::ports {
namespace {

TEST(UsageNames, LeadBackToWhatTheyName) {
  for (int i = 0; i <= static_cast<int>(Metric::clients); ++i) {
    const auto metric = static_cast<Metric>(i);
    EXPECT_EQ(metric_of(name_of(metric)), metric);
  }
  for (int i = 0; i <= static_cast<int>(Dimension::method); ++i) {
    const auto dimension = static_cast<Dimension>(i);
    EXPECT_EQ(dimension_of(name_of(dimension)), dimension);
  }
  EXPECT_EQ(name_of(Metric::rate_limited), "rateLimited");
  EXPECT_EQ(name_of(Metric::clients), "clients");
  EXPECT_EQ(name_of(Dimension::method), "method");
  EXPECT_FALSE(metric_of("joy"));
  EXPECT_FALSE(dimension_of("requests"));
}

TEST(MetricSet, HasWhatWasPutIntoIt) {
  MetricSet set{Metric::requests, Metric::clients};
  EXPECT_TRUE(set.has(Metric::requests) && set.has(Metric::clients));
  EXPECT_FALSE(set.has(Metric::latency));
  set.add(Metric::latency);
  EXPECT_TRUE(set.has(Metric::latency));
  EXPECT_FALSE(kUsualMetrics.has(Metric::clients));
}

}  // namespace
}  // namespace tollgate::ports
