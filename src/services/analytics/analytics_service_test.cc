#include "services/analytics/analytics_service.h"

#include <gtest/gtest.h>

#include "base/str.h"
#include "core/usage/record_batch.h"
#include "http/server.h"
#include "http/service_endpoints.h"
#include "tests/support/http_client.h"
#include "tests/support/memory_request_log.h"

namespace tollgate::services {
namespace {

using tollgate::testing::HttpClient;
using tollgate::testing::HttpReply;

constexpr std::string_view kId = "Ab3dEf6hIj";

// Remembers what it was asked, answers with fixed figures.
class FakeUsage final : public ports::UsageStore {
 public:
  Result<ports::IngestAck> ingest(const core::RecordBatch& batch) override {
    if (broken) return fail(codes::store_unavailable, "the disk of the server is full");
    batches.push_back(batch);
    return ports::IngestAck{.stored_through = batch.records.empty() ? 0 : batch.records.back().sequence + 1,
                            .added = batch.records.size()};
  }
  Result<ports::SystemStats> system_stats(WallTime) override {
    if (broken) return fail(codes::store_unavailable, "the disk of the server is full");
    return ports::SystemStats{.counts = {.requests = 7}};
  }
  Result<std::optional<ports::KeyUsage>> key_usage(core::KeyId key, WallTime) override {
    if (key.view() != kId) return std::nullopt;
    return ports::KeyUsage{.counts = {.requests = 3}};
  }
  Result<std::vector<ports::Series>> time_series(const ports::SeriesQuery& query) override {
    series = query;
    return std::vector<ports::Series>{};
  }
  Result<std::vector<ports::TopEntry>> top_keys(WallTime, WallTime, std::size_t count) override {
    return std::vector<ports::TopEntry>{{.name = str::cat("keys ", count)}};
  }
  Result<std::vector<ports::TopEntry>> top_endpoints(WallTime, WallTime, std::size_t count) override {
    return std::vector<ports::TopEntry>{{.name = str::cat("endpoints ", count)}};
  }
  Result<std::vector<ports::RecentMinute>> recent_minutes(WallTime, std::size_t) override {
    return std::vector<ports::RecentMinute>{};
  }
  Result<std::uint64_t> expire(WallTime) override { return 0; }

  bool broken = false;
  std::vector<core::RecordBatch> batches;
  ports::SeriesQuery series;
};

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
  for (const char* path : {"system-stats", "api-keys/Ab3dEf6hIj", "time-series", "top", "live", "tail"}) {
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
  EXPECT_EQ(get("/api/analytics/time-series?from=2026-11-25T07:00:00Z&to=2026-11-25T08:00:00Z&step=5m&groupBy=key,tier")
                .status,
            200);
  EXPECT_EQ(usage_.series.step, Seconds(300));
  EXPECT_EQ(usage_.series.to - usage_.series.from, Seconds(3'600));
  EXPECT_EQ(usage_.series.group_by, (std::vector{ports::GroupBy::key, ports::GroupBy::tier}));
}

TEST_F(Analytics, ChoosesARoundStepThatMakesAtMost300Points) {
  EXPECT_EQ(get("/api/analytics/time-series?from=2026-11-25T00:00:00Z&to=2026-11-26T00:00:00Z").status, 200);
  EXPECT_EQ(usage_.series.step, Seconds(300));
  EXPECT_EQ(get("/api/analytics/time-series?from=2026-11-25T00:00:00Z&to=2026-11-25T00:01:00Z").status, 200);
  EXPECT_EQ(usage_.series.step, Seconds(1));
}

TEST_F(Analytics, RefusesParametersThatMeanNothing) {
  for (const char* query :
       {"from=yesterday", "step=0", "step=1w", "step=99999999999999999999", "groupBy=colour", "groupBy=key,key",
        "metric=joy", "key=short", "fron=2026-11-25T00:00:00Z", "series=0",
        "from=2026-11-25T01:00:00Z&to=2026-11-25T00:00:00Z", "from=2020-11-25T00:00:00Z&to=2026-11-25T00:00:00Z",
        "from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z&step=1s"}) {
    EXPECT_EQ(get(str::cat("/api/analytics/time-series?", query)).status, 400) << query;
  }
  EXPECT_NE(get("/api/analytics/time-series?fron=x").body.find("did you mean \\\"from\\\""), std::string::npos);
}

TEST_F(Analytics, NamesTheBusiest) {
  EXPECT_NE(get("/api/analytics/top?by=key&limit=3").body.find("keys 3"), std::string::npos);
  EXPECT_NE(get("/api/analytics/top?by=endpoint").body.find("endpoints 10"), std::string::npos);
  EXPECT_EQ(get("/api/analytics/top?by=moon").status, 400);
}

TEST_F(Analytics, TakesEventsInSequenceAndBatchesAsTheyAre) {
  EXPECT_EQ(send("application/json", R"([{"statusCode":200},{"statusCode":200}])").status, 201);
  EXPECT_EQ(send("application/x-ndjson", "{\"statusCode\":200}\n").status, 201);
  ASSERT_EQ(usage_.batches.size(), 2u);
  EXPECT_EQ(usage_.batches[1].ring_id, usage_.batches[0].ring_id);
  EXPECT_EQ(usage_.batches[0].records[1].sequence, 1u);
  EXPECT_EQ(usage_.batches[1].records[0].sequence, 2u);

  core::RecordBatch batch{.ring_id = 77, .records = {core::DecisionRecord{.sequence = 40}}};
  EXPECT_EQ(send("application/vnd.tollgate.records", core::encode_batch(batch)).status, 201);
  EXPECT_EQ(usage_.batches.back().ring_id, 77u);
}

TEST_F(Analytics, StoresNothingOfARefusedRequest) {
  EXPECT_EQ(send("application/json", R"([{"statusCode":200},{"statusCode":1}])").status, 400);
  EXPECT_EQ(send("application/json", "[").status, 400);
  EXPECT_EQ(send("text/plain", "x").status, 415);
  EXPECT_EQ(send("application/vnd.tollgate.records", "garbage").status, 400);
  EXPECT_TRUE(usage_.batches.empty());
}

TEST_F(Analytics, AStoreThatFailsIsA503ThatTellsTheClientNothingOfTheServer) {
  usage_.broken = true;
  const HttpReply reply = get("/api/analytics/system-stats");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body.find("disk"), std::string::npos) << reply.body;
  EXPECT_EQ(send("application/json", R"({"statusCode":200})").status, 503);
  usage_.broken = false;
  EXPECT_EQ(send("application/json", R"({"statusCode":200})").status, 201);
  EXPECT_EQ(usage_.batches[0].records[0].sequence, 0u) << "what was not stored must not leave a gap";
}

}  // namespace
}  // namespace tollgate::services
