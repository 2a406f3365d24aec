// api/openapi.yaml and the routers say the same, both ways: what is served is documented, what is documented is served.
#include <gtest/gtest.h>

#include "cli/metrics.h"
#include "http/service_endpoints.h"
#include "services/admin/harness_test.h"
#include "services/analytics/analytics_service.h"
#include "services/backend/backend_service.h"
#include "services/limiter/limiter_service.h"
#include "tests/support/memory_request_log.h"
#include "tests/support/openapi_operations.h"

namespace tollgate::testing {
namespace {

class NoUsage final : public ports::UsageStore {
 public:
  Result<ports::IngestAck> ingest(const core::RecordBatch&) override { return fail(codes::store_unavailable); }
  Result<ports::PostAck> post(const ports::EventPost&) override { return fail(codes::store_unavailable); }
  Result<std::vector<core::RecordBatch>> unconfirmed() override { return fail(codes::store_unavailable); }
  void confirm(std::uint64_t) override {}
  Result<ports::ReportPart> report(const ports::ReportQuery&) override { return fail(codes::store_unavailable); }
  Result<ports::SystemStats> system_stats(WallTime) override { return fail(codes::store_unavailable); }
  Result<std::optional<ports::KeyUsage>> key_usage(core::KeyId, WallTime) override {
    return fail(codes::store_unavailable);
  }
  Result<ports::SeriesAnswer> time_series(const ports::SeriesQuery&) override { return fail(codes::store_unavailable); }
  Result<ports::LatencyAnswer> latency(const ports::LatencyQuery&) override { return fail(codes::store_unavailable); }
  Result<ports::TopAnswer> top(const ports::TopQuery&) override { return fail(codes::store_unavailable); }
  Result<std::vector<ports::RecentMinute>> recent_minutes(WallTime, std::size_t) override {
    return fail(codes::store_unavailable);
  }
  Result<std::uint64_t> expire(WallTime) override { return 0; }
};

class NoNames final : public ports::NameDirectory {
 public:
  std::string text(core::NameKind, core::NameRef) const override { return "none"; }
};

// As the composition root puts them together, with metrics.
void expect_documented(http::Router& router, const std::string& service) {
  telemetry::Registry metrics;
  http::add_service_endpoints(router, {.name = service, .version = "0", .service_token = "t", .metrics = &metrics});
  const std::vector<std::string> served = router.patterns();
  EXPECT_EQ(std::set<std::string>(served.begin(), served.end()), documented_operations(service));
}

TEST(OpenApi, ReadsTheDocumentAtAll) {
  EXPECT_TRUE(documented_operations("admin").contains("PUT /api/admin/keys/{key}"));
  EXPECT_FALSE(documented_operations("admin").contains("GET /api/analytics/top"));
  EXPECT_TRUE(documented_operations("nosuch").empty());
}

TEST(OpenApi, DocumentsTheAdminExactly) {
  services::AdminHarness admin;
  const std::vector<std::string> served = admin.service->router().patterns();
  EXPECT_EQ(std::set<std::string>(served.begin(), served.end()), documented_operations("admin"));
}

// What a browser finds under admin's origin: admin's own, and what analytics reads.
TEST(OpenApi, DocumentsWhatAdminServesOfAnalytics) {
  const ManualClock clock;
  NoUsage usage;
  runtime::BlockingPool pool(1);
  services::RecordIntake intake(usage, clock);
  MemoryRequestLog requests;
  const NoNames names;
  services::AnalyticsService analytics(
      {.usage = usage, .intake = intake, .requests = requests, .names = names, .pool = pool, .clock = clock});
  services::AdminHarness admin({.analytics = &analytics.router()});
  std::set<std::string> documented = documented_operations("admin");
  for (const std::string& operation : documented_operations("analytics")) {
    if (operation.starts_with("GET ")) documented.insert(operation);
  }
  const std::vector<std::string> served = admin.service->router().patterns();
  EXPECT_EQ(std::set<std::string>(served.begin(), served.end()), documented);
}

TEST(OpenApi, DocumentsTheLimiterExactly) {
  const ManualClock clock;
  services::OneBucketStore store;
  FakeKeyStore keys(clock);
  const services::StoreDirectory directory(keys);
  services::LimiterService limiter(
      store, directory, clock,
      {.default_rule = *core::TokenBucket::make({.refill_micro = 1, .max_burst = 1, .tokens_per_window = 1})});
  expect_documented(limiter.router(), "limiter");
}

TEST(OpenApi, DocumentsAnalyticsExactly) {
  const ManualClock clock;
  NoUsage usage;
  runtime::BlockingPool pool(1);
  services::RecordIntake intake(usage, clock);
  MemoryRequestLog requests;
  const NoNames names;
  services::AnalyticsService analytics(
      {.usage = usage, .intake = intake, .requests = requests, .names = names, .pool = pool, .clock = clock});
  expect_documented(analytics.router(), "analytics");
}

TEST(OpenApi, DocumentsTheBackendExactly) {
  const ManualClock clock;
  services::BackendService backend(clock);
  expect_documented(backend.router(), "backend");
}

TEST(OpenApi, DocumentsWhatTheGatewayAnswersItself) {
  http::Router router;
  cli::add_health_endpoint(router);
  expect_documented(router, "gateway");
}

}  // namespace
}  // namespace tollgate::testing
