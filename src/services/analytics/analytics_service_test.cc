#include "services/analytics/analytics_service.h"

#include <gtest/gtest.h>

#include "base/str.h"
#include "codec/http1/head.h"
#include "core/usage/record_batch.h"
#include "http/server.h"
#include "http/service_endpoints.h"
#include "services/analytics/fake_usage_test.h"
#include "tests/support/http_client.h"
#include "tests/support/memory_request_log.h"

namespace tollgate::services {
namespace {

using tollgate::testing::HttpClient;
using tollgate::testing::HttpReply;

class FakeNames final : public ports::NameDirectory {
 public:
  std::string text(core::NameKind, core::NameRef ref) const override { return str::cat("name ", ref); }
};

class Analytics : public ::testing::Test {
 protected:
  Analytics() {
    server_ = *http::Server::start({&thread_}, service_.router(), {.address = {.ip = IpAddress::v4({127, 0, 0, 1})}});
  }
  HttpReply get(const std::string& target) {
    return HttpClient(server_->address()).get(target, {{"Authorization", "Bearer asker"}});
  }
  HttpReply send(const std::string& type, const std::string& body) {
    return HttpClient(server_->address())
        .call({.method = "POST",
               .target = "/api/analytics/log",
               .headers = {{"Authorization", "Bearer asker"}, {"Content-Type", type}},
               .body = body});
  }

  ManualClock clock_;
  FakeUsage usage_;
  runtime::BlockingPool pool_{1};
  RecordIntake intake_{usage_, clock_};
  testing::MemoryRequestLog requests_;
  FakeNames names_;
  AnalyticsService service_{
      {.usage = usage_,
       .intake = intake_,
       .requests = requests_,
       .names = names_,
       .pool = pool_,
       .clock = clock_,
       .guard = http::service_token_guard("asker"),
       .log_counters = [] { return ports::LogCounters{.produced = 9, .stored = 7, .spooled = 2}; }}};
  runtime::LoopThread thread_{"test"};
  std::unique_ptr<http::Server> server_;
};

TEST_F(Analytics, AnswersNobodyWithoutAToken) {
  for (const char* path : {"system-stats", "api-keys/Ab3dEf6hIj", "time-series", "latency", "top", "live", "tail"}) {
    EXPECT_EQ(HttpClient(server_->address()).get(str::cat("/api/analytics/", path)).status, 401) << path;
  }
}

TEST_F(Analytics, ShowsTotalsWithTheConservationOfTheLog) {
  const HttpReply reply = get("/api/analytics/system-stats");
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find(R"("totalRequests":7)"), std::string::npos) << reply.body;
  EXPECT_NE(reply.body.find(R"("log":{"produced":9,"stored":7,"spooled":2,"aggregated":0,"dropped":0})"),
            std::string::npos)
      << reply.body;
}

TEST_F(Analytics, FindsAKeyByIdAndSaysWhenItWasNeverSeen) {
  EXPECT_EQ(get("/api/analytics/api-keys/Ab3dEf6hIj").status, 200);
  EXPECT_EQ(get("/api/v1/analytics/api-keys/Ab3dEf6hIj").status, 200);
  EXPECT_EQ(get("/api/analytics/api-keys/Zb3dEf6hIj").status, 404);
  EXPECT_EQ(get("/api/analytics/api-keys/nonsense").status, 404);
}

TEST_F(Analytics, ReadsTheTimeSeriesQuery) {
  EXPECT_EQ(get("/api/analytics/time-series?from=2026-11-25T07:00:00Z&to=2026-11-25T08:00:00Z&step=5m"
                "&groupBy=key,method&metric=requests,clients&series=7&consumer=acme&status=4xx&method=POST")
                .status,
            200);
  const ports::SeriesQuery& query = usage_.series;
  EXPECT_EQ(query.step, Seconds(300));
  EXPECT_EQ(query.to - query.from, Seconds(3'600));
  EXPECT_EQ(query.group_by, (std::vector{ports::Dimension::key, ports::Dimension::method}));
  ports::MetricSet metrics = ports::kUsualMetrics;
  metrics.add(ports::Metric::clients);
  EXPECT_EQ(query.metrics, metrics) << "every point has the usual ones";
  EXPECT_EQ(query.max_series, 7u);
  EXPECT_EQ(query.filter.consumer, "acme");
  EXPECT_EQ(query.filter.status_class, 4);
  EXPECT_EQ(query.filter.method, static_cast<std::uint8_t>(codec::Method::post));
  EXPECT_FALSE(query.filter.key || query.filter.route || query.filter.tier);
}

TEST_F(Analytics, LeavesWhatIsNotSaidToTheStore) {
  EXPECT_EQ(get("/api/analytics/time-series").status, 200);
  EXPECT_FALSE(usage_.series.step);
  EXPECT_EQ(usage_.series.metrics, ports::kUsualMetrics);
  EXPECT_EQ(usage_.series.to - usage_.series.from, Seconds(3'600));
}

TEST_F(Analytics, ReadsTheLatencyQuery) {
  EXPECT_EQ(get("/api/analytics/latency?quantiles=0.5,0.999,1&groupBy=route&tier=pro&status=none&groups=3").status,
            200);
  EXPECT_EQ(usage_.latencies.quantiles, (std::vector{0.5, 0.999, 1.0}));
  EXPECT_EQ(usage_.latencies.group_by, (std::vector{ports::Dimension::route}));
  EXPECT_EQ(usage_.latencies.filter.tier, "pro");
  EXPECT_EQ(usage_.latencies.filter.status_class, 0);
  EXPECT_EQ(usage_.latencies.max_groups, 3u);
  EXPECT_EQ(get("/api/analytics/latency").status, 200);
  EXPECT_EQ(usage_.latencies.quantiles, (std::vector{0.5, 0.9, 0.99}));
}

TEST_F(Analytics, RefusesParametersThatMeanNothing) {
  for (const char* query : {"time-series?from=yesterday",
                            "time-series?step=0",
                            "time-series?step=1w",
                            "time-series?step=32d",
                            "time-series?step=99999999999999999999",
                            "time-series?groupBy=colour",
                            "time-series?groupBy=key,key",
                            "time-series?metric=joy",
                            "time-series?metric=",
                            "time-series?key=short",
                            "time-series?fron=2026-11-25T00:00:00Z",
                            "time-series?series=0",
                            "time-series?status=200",
                            "time-series?status=9xx",
                            "time-series?method=get",
                            "time-series?quantiles=0.5",
                            "time-series?from=2026-11-25T01:00:00Z&to=2026-11-25T00:00:00Z",
                            "time-series?from=2010-11-25T00:00:00Z&to=2026-11-25T00:00:00Z",
                            "latency?quantiles=1.1",
                            "latency?quantiles=x",
                            "latency?quantiles=",
                            "latency?quantiles=-0.1",
                            "latency?quantiles=nan",
                            "latency?quantiles=0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0",
                            "latency?step=60",
                            "top?by=moon",
                            "top?metric=latency",
                            "top?metric=requests,cost",
                            "top?limit=0"}) {
    EXPECT_EQ(get(str::cat("/api/analytics/", query)).status, 400) << query;
  }
  EXPECT_NE(get("/api/analytics/time-series?fron=x").body.find("did you mean \\\"from\\\""), std::string::npos);
}

TEST_F(Analytics, ReadsTheTopQuery) {
  EXPECT_EQ(get("/api/analytics/top?by=consumer&limit=3&metric=bytesOut&route=orders").status, 200);
  EXPECT_EQ(usage_.tops.by, ports::TopQuery::By::consumer);
  EXPECT_EQ(usage_.tops.metric, ports::Metric::bytes_out);
  EXPECT_EQ(usage_.tops.count, 3u);
  EXPECT_EQ(usage_.tops.filter.route, "orders");
  EXPECT_EQ(get("/api/analytics/top").status, 200);
  EXPECT_EQ(usage_.tops.by, ports::TopQuery::By::key);
  EXPECT_EQ(usage_.tops.metric, ports::Metric::requests);
  EXPECT_EQ(usage_.tops.to - usage_.tops.from, Seconds(900));
}

TEST_F(Analytics, TakesEventsInEachFormAndBatchesAsTheyAre) {
  const HttpReply reply = send("application/json", R"([{"statusCode":200,"id":"a"},{"statusCode":200}])");
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body, R"({"added":2,"known":0})");
  EXPECT_EQ(send("application/x-ndjson", "{\"statusCode\":200}\n").status, 201);
  EXPECT_EQ(send("application/json", R"({"statusCode":200,"id":"a"})").status, 201);
  ASSERT_EQ(usage_.posts.size(), 3u);
  ASSERT_EQ(usage_.posts[0].ids.size(), 2u);
  EXPECT_TRUE(usage_.posts[0].ids[0]);
  EXPECT_FALSE(usage_.posts[0].ids[1]);
  EXPECT_EQ(usage_.posts[2].ids[0], usage_.posts[0].ids[0]);
  EXPECT_FALSE(usage_.posts[0].mark);

  core::RecordBatch batch{.ring_id = 77, .records = {core::DecisionRecord{.sequence = 40}}};
  EXPECT_EQ(send("application/vnd.tollgate.records", core::encode_batch(batch)).status, 201);
  EXPECT_EQ(usage_.batches.back().ring_id, 77u);
}

TEST_F(Analytics, APostThatIsRepeatedWithItsIdempotencyKeySaysSo) {
  const auto post = [&](const std::string& key, const std::string& body) {
    return HttpClient(server_->address())
        .call({.method = "POST",
               .target = "/api/analytics/log",
               .headers = {{"Authorization", "Bearer asker"},
                           {"Content-Type", "application/json"},
                           {"Idempotency-Key", key}},
               .body = body});
  };
  EXPECT_EQ(post("p-1", R"({"statusCode":200})").status, 201);
  const HttpReply again = post("p-1", R"({"statusCode":200})");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.body, R"({"added":0,"known":1})");
  EXPECT_EQ(usage_.posts[0].mark->document, usage_.posts[1].mark->document);
  EXPECT_EQ(post("p-2", R"({"statusCode":201})").status, 201);
  EXPECT_NE(usage_.posts[0].mark->document, usage_.posts[2].mark->document);
  EXPECT_EQ(post(std::string(256, 'x'), R"({"statusCode":200})").status, 400);
  EXPECT_EQ(post("p-3", "[").status, 400);
  EXPECT_EQ(usage_.posts.size(), 3u);
}

TEST_F(Analytics, StoresNothingOfARefusedRequest) {
  EXPECT_EQ(send("application/json", R"([{"statusCode":200},{"statusCode":1}])").status, 400);
  EXPECT_EQ(send("application/json", "[").status, 400);
  EXPECT_EQ(send("text/plain", "x").status, 415);
  EXPECT_EQ(send("application/vnd.tollgate.records", "garbage").status, 400);
  EXPECT_TRUE(usage_.batches.empty() && usage_.posts.empty());
}

TEST_F(Analytics, AStoreThatFailsIsA503ThatTellsTheClientNothingOfTheServer) {
  usage_.broken = true;
  const HttpReply reply = get("/api/analytics/system-stats");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body.find("disk"), std::string::npos) << reply.body;
  EXPECT_EQ(send("application/json", R"({"statusCode":200})").status, 503);
  usage_.broken = false;
  EXPECT_EQ(send("application/json", R"({"statusCode":200})").status, 201);
}

}  // namespace
}  // namespace tollgate::services
