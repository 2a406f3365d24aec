#include "http/service_endpoints.h"

#include <gtest/gtest.h>

#include "http/server.h"
#include "tests/support/http_client.h"

namespace tollgate::http {
namespace {

using tollgate::testing::HttpClient;

Task<Response> empty_answer() {
  co_return json("{}");
}

class ServiceEndpoints : public ::testing::Test {
 protected:
  ServiceEndpoints() {
    registry_.gauge("a", "A.", {}, [] { return 1.0; });
    add_service_endpoints(router_, {.name = "gateway",
                                    .version = "9.9.9",
                                    .not_ready_because = [this] { return reason_; },
                                    .service_token = "secret-token",
                                    .metrics = &registry_});
    router_.add("GET /guarded", {.guard = service_token_guard("secret-token")},
                [](Request&) { return empty_answer(); });
    router_.add("GET /closed", {.guard = service_token_guard("")}, [](Request&) { return empty_answer(); });
    server_ = *Server::start({&thread_}, router_, {.address = {.ip = IpAddress::v4({127, 0, 0, 1})}, .timeouts = {}});
  }
  HttpClient client() { return HttpClient(server_->address()); }

  telemetry::Registry registry_;
  std::string reason_;
  Router router_;
  runtime::LoopThread thread_{"test"};
  std::unique_ptr<Server> server_;
};

TEST_F(ServiceEndpoints, AreReadyWhenThereIsNoReasonAgainstIt) {
  EXPECT_EQ(client().get("/readyz").body, R"({"status":"ready"})");
  reason_ = "keys are not loaded";
  const auto reply = client().get("/readyz");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, R"({"status":"not_ready","reason":"keys are not loaded"})");
  EXPECT_EQ(client().get("/healthz").status, 200);
}

TEST_F(ServiceEndpoints, SayWhoTheyAre) {
  EXPECT_EQ(client().get("/version").body, R"({"service":"gateway","version":"9.9.9"})");
}

TEST_F(ServiceEndpoints, ShowMetricsToTheSameMachine) {
  const auto reply = client().get("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(reply.body, "# HELP a A.\n# TYPE a gauge\na 1\n");
}

TEST_F(ServiceEndpoints, TokenGuardLetsOnlyTheTokenPass) {
  EXPECT_EQ(client().get("/guarded").status, 401);
  EXPECT_EQ(client().get("/guarded", {{"Authorization", "Bearer secret-toke"}}).status, 401);
  EXPECT_EQ(client().get("/guarded", {{"Authorization", "Basic secret-token"}}).status, 401);
  EXPECT_EQ(client().get("/guarded", {{"Authorization", "bearer secret-token"}}).status, 200);
}

TEST_F(ServiceEndpoints, AnEmptyTokenLetsNobodyPass) {
  EXPECT_EQ(client().get("/closed").status, 401);
  EXPECT_EQ(client().get("/closed", {{"Authorization", "Bearer "}}).status, 401);
}

TEST_F(ServiceEndpoints, HideMetricsFromThoseForWhomAProxyOnThisMachineSpeaks) {
  for (const char* field : {"X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"}) {
    EXPECT_EQ(client().get("/metrics", {{field, "1.1 198.51.100.7"}}).status, 401) << field;
  }
  EXPECT_EQ(client().get("/metrics", {{"Via", "1.1 a"}, {"Authorization", "Bearer secret-token"}}).status, 200);
}

}  // namespace
}  // namespace tollgate::http
