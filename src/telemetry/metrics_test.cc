#include "telemetry/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "telemetry/process_usage.h"

namespace tollgate::telemetry {
namespace {

TEST(Registry, GroupsMetricsOfOneNameUnderOneHeader) {
  Registry registry;
  registry.counter("a_total", "Counts \\ a.", {{"x", "1"}}, [] { return 1'000'000.0; });
  registry.gauge("b", "Shows\nb.", {}, [] { return 0.25; });
  registry.counter("a_total", "Not shown.", {{"x", "2"}}, [] { return 3.0; });
  EXPECT_EQ(registry.render(),
            "# HELP a_total Counts \\\\ a.\n# TYPE a_total counter\na_total{x=\"1\"} 1000000\na_total{x=\"2\"} 3\n"
            "# HELP b Shows\\nb.\n# TYPE b gauge\nb 0.25\n");
}

TEST(Registry, EscapesLabelValues) {
  Registry registry;
  registry.gauge("a", "A.", {{"x", "q\"b\\n\n"}, {"y", ""}}, [] { return -1.0; });
  EXPECT_EQ(registry.render(), "# HELP a A.\n# TYPE a gauge\na{x=\"q\\\"b\\\\n\\n\",y=\"\"} -1\n");
}

TEST(Registry, WritesNumbersThatAreNotFinite) {
  Registry registry;
  registry.gauge("a", "A.", {}, [] { return NAN; });
  registry.gauge("b", "B.", {}, [] { return -INFINITY; });
  const std::string text = registry.render();
  EXPECT_NE(text.find("\na NaN\n"), std::string::npos);
  EXPECT_NE(text.find("\nb -Inf\n"), std::string::npos);
}

TEST(Registry, WritesHistogramsCumulatively) {
  Registry registry;
  registry.histogram("h_seconds", "H.", {{"route", "r"}},
                     [] { return HistogramSnapshot{.bounds = {0.005, 1}, .counts = {2, 0, 5}, .sum = 12.5}; });
  EXPECT_EQ(registry.render(),
            "# HELP h_seconds H.\n# TYPE h_seconds histogram\n"
            "h_seconds_bucket{route=\"r\",le=\"0.005\"} 2\n"
            "h_seconds_bucket{route=\"r\",le=\"1\"} 2\n"
            "h_seconds_bucket{route=\"r\",le=\"+Inf\"} 7\n"
            "h_seconds_sum{route=\"r\"} 12.5\nh_seconds_count{route=\"r\"} 7\n");
}

TEST(RegistryDeathTest, RefusesNamesThatPrometheusWouldNotRead) {
  Registry registry;
  EXPECT_DEATH(registry.gauge("no-dashes", "A.", {}, [] { return 0.0; }), "is_name");
  EXPECT_DEATH(registry.gauge("a", "A.", {{"x y", ""}}, [] { return 0.0; }), "is_name");
}

TEST(OwnedCounter, IsReadByOtherThreadsWhileItsOwnerAdds) {
  OwnedCounter counter;
  std::thread owner([&] {
    for (int i = 0; i < 10'000; ++i) counter.add();
  });
  std::uint64_t before = 0;
  while (before < 10'000) {
    const std::uint64_t now = counter.value();
    ASSERT_GE(now, before);
    before = now;
  }
  owner.join();
}

TEST(ProcessUsage, IsPlausible) {
  const ProcessUsage usage = process_usage();
  EXPECT_GT(usage.resident_bytes, 1u << 20);
  EXPECT_GE(usage.virtual_bytes, usage.resident_bytes);
  EXPECT_GE(usage.open_descriptors, 3u);
  EXPECT_GE(usage.max_descriptors, usage.open_descriptors);
  const WallTime now = SystemClock().wall_now();
  EXPECT_LT(usage.started, now + Seconds(2));  // the boot time is given in whole seconds
  EXPECT_GT(usage.started, now - std::chrono::hours(1));
}

TEST(ProcessMetrics, AreOnTheRegistry) {
  Registry registry;
  add_process_metrics(registry);
  const std::string text = registry.render();
  for (const auto* name : {"process_resident_memory_bytes ", "process_open_fds ", "process_cpu_seconds_total ",
                           "process_start_time_seconds "}) {
    EXPECT_NE(text.find(std::string("\n") + name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace tollgate::telemetry
