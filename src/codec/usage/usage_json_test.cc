#include "codec/usage/usage_json.h"

#include <gtest/gtest.h>

namespace tollgate::codec {
namespace {

constexpr ports::UsageCounts kCounts{.requests = 10,
                                     .allowed = 6,
                                     .rate_limited = 3,
                                     .unauthorized = 1,
                                     .errors = 2,
                                     .bytes_in = 123,
                                     .bytes_out = 0xffff'ffff'ffff'ffff,
                                     .cost = 9};
constexpr ports::LatencyMs kLatency{.p50 = 0.125, .p90 = 2, .p99 = 30.5};
constexpr WallTime kTime{Nanos(1'790'000'040'000'000'000)};

template <class Write>
std::string written(Write write) {
  std::string out;
  JsonWriter json(out);
  write(json);
  return out;
}

void expect_same(const ports::LatencyMs& got) {
  EXPECT_EQ(got.p50, kLatency.p50);
  EXPECT_EQ(got.p90, kLatency.p90);
  EXPECT_EQ(got.p99, kLatency.p99);
}

TEST(UsageJson, SystemStatsHaveTheDocumentedShape) {
  const ports::SystemStats stats{.counts = kCounts,
                                 .requests_per_second = 1.5,
                                 .latency = kLatency,
                                 .active_keys = 4,
                                 .clamped = {.past = 5, .future = 6},
                                 .storage = {.bytes = 7, .free_bytes = 8, .max_bytes = 9}};
  const ports::LogCounters log{.produced = 15, .stored = 9, .spooled = 3, .aggregated = 2, .dropped = 1};
  EXPECT_EQ(written([&](JsonWriter& json) { write_system_stats(json, stats, log); }),
            R"({"totalRequests":10,"allowedRequests":6,"rateLimitedRequests":3,"unauthorizedRequests":1,)"
            R"("errorRequests":2,"bytesIn":123,"bytesOut":18446744073709551615,"cost":9,"requestsPerSecond":1.5,)"
            R"("latencyMs":{"p50":0.125,"p90":2,"p99":30.5},"activeKeys":4,)"
            R"("clamped":{"past":5,"future":6},"storage":{"bytes":7,"freeBytes":8,"maxBytes":9},)"
            R"("log":{"produced":15,"stored":9,"spooled":3,"aggregated":2,"dropped":1}})");
}

TEST(UsageJson, EveryAnswerReadsBackAsItWasWritten) {
  const ports::SystemStats stats{.counts = kCounts, .requests_per_second = 1.5, .latency = kLatency, .active_keys = 4};
  const auto got = parse_system_stats(written([&](JsonWriter& json) { write_system_stats(json, stats, {}); }));
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(got->counts, kCounts);
  EXPECT_EQ(got->active_keys, 4u);
  expect_same(got->latency);

  const ports::KeyUsage usage{
      .counts = kCounts,
      .latency = kLatency,
      .endpoints = {{.route = "orders", .method = "GET", .counts = kCounts, .latency = kLatency}},
      .last_used_at = kTime};
  const auto key = parse_key_usage(
      written([&](JsonWriter& json) { write_key_usage(json, *core::KeyId::parse("0123456789"), usage); }));
  ASSERT_TRUE(key) << key.error().to_string();
  EXPECT_EQ(key->counts, kCounts);
  EXPECT_EQ(key->last_used_at, kTime);
  ASSERT_EQ(key->endpoints.size(), 1u);
  EXPECT_EQ(key->endpoints[0].method, "GET");
  EXPECT_EQ(key->endpoints[0].counts, kCounts);

  const ports::AnsweredRange range{.from = kTime, .to = kTime + Seconds(60), .kept_from = kTime + Seconds(1)};
  const ports::SeriesAnswer series{
      .range = range,
      .step = Seconds(60),
      .series = {{.group = {{"key", "0123456789"}},
                  .points = {{.time = kTime, .counts = kCounts, .latency = kLatency, .clients = 7}}}}};
  ports::MetricSet metrics = ports::kUsualMetrics;
  metrics.add(ports::Metric::clients);
  const auto read = parse_time_series(written([&](JsonWriter& json) { write_time_series(json, series, metrics); }));
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->range.from, range.from);
  EXPECT_EQ(read->range.to, range.to);
  EXPECT_EQ(read->range.kept_from, range.kept_from);
  EXPECT_EQ(read->step, Seconds(60));
  ASSERT_EQ(read->series.size(), 1u);
  EXPECT_EQ(read->series[0].group, series.series[0].group);
  EXPECT_EQ(read->series[0].points[0].time, kTime);
  EXPECT_EQ(read->series[0].points[0].counts, kCounts);
  EXPECT_EQ(read->series[0].points[0].clients, 7u);
  expect_same(read->series[0].points[0].latency);

  const ports::TopAnswer top{.range = range,
                             .entries = {{.name = "GET orders", .counts = kCounts, .latency = kLatency}}};
  const auto busiest = parse_top(written([&](JsonWriter& json) { write_top(json, top); }));
  ASSERT_TRUE(busiest) << busiest.error().to_string();
  EXPECT_EQ(busiest->entries.front().name, "GET orders");
  EXPECT_EQ(busiest->entries.front().counts, kCounts);
  EXPECT_EQ(busiest->range.to, range.to);
}

TEST(UsageJson, PointsHaveTheMetricsThatWereAskedForAndAnswersSayHowRightTheyAre) {
  const ports::SeriesAnswer answer{
      .range = {.from = kTime, .to = kTime + Seconds(60), .kept_from = {}},
      .step = Seconds(60),
      .series = {{.group = {}, .points = {{.time = kTime, .counts = kCounts, .latency = kLatency, .clients = 7}}}}};
  const auto text = [&](const ports::MetricSet& metrics) {
    return written([&](JsonWriter& json) { write_time_series(json, answer, metrics); });
  };
  EXPECT_EQ(text({ports::Metric::cost}),
            R"({"from":"2026-09-21T14:14:00.000Z","to":"2026-09-21T14:15:00.000Z","exact":true,"step":60,)"
            R"("series":[{"group":{},"points":[["2026-09-21T14:14:00.000Z",{"cost":9}]]}]})");
  EXPECT_EQ(text({ports::Metric::latency, ports::Metric::clients}),
            R"({"from":"2026-09-21T14:14:00.000Z","to":"2026-09-21T14:15:00.000Z","exact":false,)"
            R"("error":{"latency":0.011,"clients":0.033},"step":60,"series":[{"group":{},"points":)"
            R"([["2026-09-21T14:14:00.000Z",{"p50Ms":0.125,"p90Ms":2,"p99Ms":30.5,"clients":7}]]}]})");
}

TEST(UsageJson, LatenciesStandInTheOrderOfTheQuantiles) {
  const ports::LatencyAnswer answer{.range = {.from = kTime, .to = kTime + Seconds(60), .kept_from = {}},
                                    .groups = {{.group = {{"route", "orders"}}, .requests = 3, .ms = {1.5, 20}},
                                               {.group = {{"other", "true"}}, .requests = 1, .ms = {2, 2}}}};
  const std::vector<double> quantiles{0.5, 0.999};
  EXPECT_EQ(written([&](JsonWriter& json) { write_latency(json, answer, quantiles); }),
            R"({"from":"2026-09-21T14:14:00.000Z","to":"2026-09-21T14:15:00.000Z","exact":false,)"
            R"("error":{"latency":0.011},"quantiles":[0.5,0.999],"groups":[)"
            R"({"group":{"route":"orders"},"requests":3,"latencyMs":[1.5,20]},)"
            R"({"group":{"other":"true"},"requests":1,"latencyMs":[2,2]}]})");
}

TEST(UsageJson, GarbageIsAnErrorAndNeverAFigure) {
  for (const std::string_view bad : {"", "null", "[]", "{", "{}", "{\"totalRequests\":-1}", "{\"series\":{}}",
                                     "{\"series\":[{\"group\":{},\"points\":[[1,2]]}]}", "{\"data\":[{\"name\":7}]}"}) {
    EXPECT_FALSE(parse_system_stats(bad)) << bad;
    EXPECT_FALSE(parse_key_usage(bad)) << bad;
    EXPECT_FALSE(parse_time_series(bad)) << bad;
    EXPECT_FALSE(parse_top(bad)) << bad;
  }
}

TEST(UsageJson, MembersOfANewerAnalyticsAreIgnored) {
  EXPECT_TRUE(parse_top(R"({"from":"2026-09-21T14:14:00Z","to":"2026-09-21T14:15:00Z","data":[],"next":{"a":[1]}})"));
}

}  // namespace
}  // namespace tollgate::codec
