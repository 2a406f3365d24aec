// The five services as five processes that know each other by address and share two secrets.
#include <gtest/gtest.h>
#include <signal.h>

#include <map>
#include <memory>

#include "base/random.h"
#include "base/str.h"
#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

class FiveProcesses : public ::testing::Test {
 protected:
  using Process = std::unique_ptr<TollgateProcess>;

  // Each may know only those before it; the gateway knows all.
  void SetUp() override {
    backend_ = start("backend");
    analytics_ = start("analytics");
    admin_ = start("admin", {{"ANALYTICS_SERVICE_URL", analytics_->url("analytics")}});
    limiter_ = start("limiter", {{"ADMIN_URL", admin_->url("admin")}});
    gateway_ = start("gateway", {{"BACKEND_URL", backend_->url("backend")},
                                 {"RATE_LIMITER_URL", limiter_->url("limiter")},
                                 {"ANALYTICS_SERVICE_URL", analytics_->url("analytics")},
                                 {"ADMIN_URL", admin_->url("admin")}});
  }

  Process start(const std::string& service, Environment env = {}, const std::string& port = "0") const {
    env.try_emplace("SERVICE_TOKEN", service_token_);
    env.try_emplace("JWT_SECRET", jwt_secret_);
    return std::make_unique<TollgateProcess>(TollgateProcess::Options{
        .arguments = {service, "--port", port}, .data_dir = dir_.file(service), .env = std::move(env)});
  }

  static std::string port_of(const std::string& url) { return url.substr(url.rfind(':') + 1); }
  HttpReply as_service(const TollgateProcess& process, const std::string& service, HttpCall call) const {
    call.headers.emplace_back("Authorization", "Bearer " + service_token_);
    if (!call.body.empty()) call.headers.emplace_back("Content-Type", "application/json");
    return process.call(service, call);
  }
  Json stats() const {
    return Json(as_service(*analytics_, "analytics", {.target = "/api/analytics/system-stats"}).body);
  }
  HttpReply change(const std::string& method, const std::string& path, const std::string& body = {}) const {
    return admin_->admin_call("admin", {.method = method, .target = path, .body = body});
  }
  bool answers(const std::string& key, int status, Millis limit = Millis(1'000)) const {
    return eventually(limit, [&] { return gateway_->use(key).status == status; });
  }

  const TempDir dir_;
  const std::string service_token_ = random_base62(43);
  const std::string jwt_secret_ = random_base62(43);
  Process backend_, analytics_, admin_, limiter_, gateway_;
};

TEST_F(FiveProcesses, ActAsOne) {
  // The limiter is told what to take: nobody refills this bucket within the test.
  const CreatedKey key =
      admin_->create_key(R"({"name":"a","tier":"free","tokensPerWindow":100,"refillRate":0.001,"maxBurst":100})");
  EXPECT_TRUE(answers(key.text, 200)) << "a new key is known within a second";

  const auto level = [&] {
    const HttpReply reply = as_service(*limiter_, "limiter", {.target = "/api/limiter/buckets/" + key.id});
    return reply.status == 200 ? Json(reply.body)["level"].uint() : 100;
  };
  EXPECT_TRUE(eventually(Millis(5'000), [&] { return gateway_->use(key.text).status == 200 && level() < 100; }))
      << "the gateway's requests are taken from the limiter's bucket";
  const std::string rest = str::cat(R"({"key":")", key.id, R"(","cost":)", level(), "}");
  EXPECT_EQ(as_service(*limiter_, "limiter", {.method = "POST", .target = "/api/limiter/check", .body = rest}).status,
            200);
  EXPECT_TRUE(answers(key.text, 429, Millis(5'000))) << "and what others take there is missing at the gateway";

  // Each worker's records travel by themselves: a later one may arrive first.
  EXPECT_TRUE(eventually(Millis(5'000), [&] { return stats()["rateLimitedRequests"].uint() >= 1; }));
  EXPECT_TRUE(eventually(Millis(5'000), [&] { return stats()["allowedRequests"].uint() >= 2; }));
  EXPECT_EQ(admin_->get("admin", "/api/admin/monitoring/dashboard").status, 200);
  EXPECT_EQ(Json(admin_->get("admin", "/api/analytics/system-stats").body)["activeKeys"].uint(),
            stats()["activeKeys"].uint())
      << "what analytics reads is under admin's origin, too";

  const CreatedKey other = admin_->create_key(R"({"name":"b","tier":"enterprise"})");
  EXPECT_TRUE(answers(other.text, 200));
  ASSERT_EQ(change("POST", "/api/admin/keys/" + other.id + "/disable").status, 200);
  EXPECT_TRUE(answers(other.text, 401)) << "a disabled key is refused within a second";

  for (const Process* process : {&gateway_, &limiter_, &admin_, &analytics_, &backend_}) {
    EXPECT_EQ((*process)->stop(), 0) << (*process)->process().err();
  }
}

TEST_F(FiveProcesses, TheGatewayServesWhileTheOthersAreDeadAndLosesNoCount) {
  const CreatedKey key = admin_->create_key(R"({"name":"a","tier":"enterprise"})");
  ASSERT_TRUE(answers(key.text, 200));
  std::uint64_t answered = 0;
  const auto serves = [&] {
    for (int i = 0; i < 25; ++i, ++answered) {
      const HttpReply reply = gateway_->use(key.text);
      ASSERT_EQ(reply.status, 200) << reply.body;
    }
  };
  EXPECT_GE(gateway_->metric("gateway", "tollgate_limiter_remote_calls_total"), 1u);
  const std::uint64_t local_before = gateway_->metric("gateway", "tollgate_limiter_remote_local_decisions_total");
  limiter_->kill();
  serves();
  EXPECT_EQ(gateway_->metric("gateway", "tollgate_limiter_remote_local_decisions_total"), local_before + answered);
  EXPECT_GE(gateway_->metric("gateway", "tollgate_limiter_remote_failures_total"), 1u);
  analytics_->kill();
  serves();
  admin_->kill();
  serves();

  analytics_ = start("analytics", {}, port_of(analytics_->url("analytics")));
  EXPECT_TRUE(eventually(Millis(20'000), [&] { return stats()["totalRequests"].uint() > answered; }))
      << stats()["totalRequests"].uint();
  EXPECT_EQ(gateway_->metric("gateway", R"(tollgate_log_dropped_total{reason="no_room"})"), 0u);
  EXPECT_EQ(gateway_->metric("gateway", R"(tollgate_log_dropped_total{reason="damage"})"), 0u);
  EXPECT_EQ(gateway_->metric("gateway", "tollgate_log_unaccounted"), 0u);
  EXPECT_EQ(gateway_->stop(), 0) << gateway_->process().err();
}

TEST_F(FiveProcesses, TheGatewayShowsTheBucketsThatItDecidesOnItself) {
  const CreatedKey key = admin_->create_key(R"({"name":"a","tier":"free"})");
  ASSERT_TRUE(answers(key.text, 200));
  EXPECT_EQ(gateway_->metric("gateway", "tollgate_limiter_buckets"), 0u) << "they are the limiter's";
  limiter_->kill();
  EXPECT_EQ(gateway_->use(key.text).status, 200);
  EXPECT_GE(gateway_->metric("gateway", "tollgate_limiter_buckets"), 1u) << "and its own while the limiter is away";

  ASSERT_EQ(gateway_->stop(), 0);
  gateway_ = start("gateway", {{"BACKEND_URL", backend_->url("backend")}, {"ADMIN_URL", admin_->url("admin")}});
  ASSERT_TRUE(answers(key.text, 200));
  EXPECT_GE(gateway_->metric("gateway", "tollgate_limiter_buckets"), 1u);
  EXPECT_GT(gateway_->metric("gateway", "tollgate_limiter_bytes"), 0u);
  EXPECT_EQ(gateway_->metric("gateway", "tollgate_limiter_overflow_decisions_total"), 0u);
}

TEST_F(FiveProcesses, AdminSaysOfEachServiceWhetherItIsThere) {
  const auto health = [&] {
    const Json services = Json(admin_->get("admin", "/api/admin/monitoring/dashboard").body)["services"];
    std::map<std::string, std::string> status;
    for (std::size_t i = 0; i < services.size(); ++i) {
      status[services[i]["name"].text()] = str::cat(services[i]["url"].text(), " ", services[i]["status"].text());
    }
    return status;
  };
  const auto up = [](const Process& process, const std::string& name) { return process->url(name) + " up"; };
  // Admin came before most of them: now it is told where they are.
  const std::string port = port_of(admin_->url("admin"));
  ASSERT_EQ(admin_->stop(), 0);
  admin_ = start("admin",
                 {{"GATEWAY_URL", gateway_->url("gateway")},
                  {"RATE_LIMITER_URL", limiter_->url("limiter")},
                  {"ANALYTICS_SERVICE_URL", analytics_->url("analytics")},
                  {"BACKEND_URL", backend_->url("backend")}},
                 port);
  std::map<std::string, std::string> expected{{"admin", up(admin_, "admin")},
                                              {"gateway", up(gateway_, "gateway")},
                                              {"limiter", up(limiter_, "limiter")},
                                              {"analytics", up(analytics_, "analytics")},
                                              {"backend", up(backend_, "backend")}};
  EXPECT_TRUE(eventually(Millis(10'000), [&] { return health() == expected; }))
      << admin_->get("admin", "/api/admin/monitoring/dashboard").body;

  limiter_->kill();
  backend_->kill();
  expected["limiter"] = limiter_->url("limiter") + " down";
  expected["backend"] = backend_->url("backend") + " down";
  EXPECT_TRUE(eventually(Millis(10'000), [&] { return health() == expected; }))
      << admin_->get("admin", "/api/admin/monitoring/dashboard").body;

  // It answers, but knows no keys and has nobody to ask: not ready.
  gateway_->kill();
  gateway_ = start("gateway", {{"ADMIN_URL", backend_->url("backend")}}, port_of(gateway_->url("gateway")));
  expected["gateway"] = gateway_->url("gateway") + " unhealthy";
  EXPECT_TRUE(eventually(Millis(10'000), [&] { return health() == expected; }))
      << admin_->get("admin", "/api/admin/monitoring/dashboard").body;
}

TEST_F(FiveProcesses, AnAdminsLoginOpensTheServicesThatKnowTheSecretAndNoOther) {
  const Headers login{{"Authorization", "Bearer " + admin_->token()}, {"Content-Type", "application/json"}};
  const HttpCall stats{.target = "/api/analytics/system-stats", .headers = login};
  EXPECT_EQ(analytics_->call("analytics", stats).status, 200);
  const HttpCall check{.method = "POST", .target = "/api/limiter/check", .headers = login, .body = R"({"key":"a"})"};
  const HttpReply decision = limiter_->call("limiter", check);
  EXPECT_EQ(decision.status, 200) << decision.body;
  EXPECT_TRUE(Json(decision.body)["allowed"].boolean());
  EXPECT_EQ(limiter_->call("limiter", {.target = "/api/limiter/seed", .headers = login}).status, 401)
      << "what gateways ask is for the service token alone";

  analytics_->kill();
  analytics_ = start("analytics", {{"JWT_SECRET", ""}});  // makes one of its own
  EXPECT_EQ(analytics_->call("analytics", stats).status, 401);
  EXPECT_EQ(as_service(*analytics_, "analytics", {.target = stats.target}).status, 200);
}

TEST(OneDataDirectory, IsEnoughForProcessesToTakeEachOthersLogins) {
  const TempDir dir;
  const auto start = [&](const std::string& service) {
    return TollgateProcess({.arguments = {service, "--port", "0"}, .data_dir = dir.file("data"), .env = {}});
  };
  // Whoever comes first makes the secrets.
  const TollgateProcess analytics = start("analytics");
  const TollgateProcess limiter = start("limiter");
  TollgateProcess admin = start("admin");
  const Headers login{{"Authorization", "Bearer " + admin.token()}};
  EXPECT_EQ(analytics.call("analytics", {.target = "/api/analytics/system-stats", .headers = login}).status, 200);
  // No such key, or none known yet: either way the caller was let in.
  EXPECT_NE(limiter.call("limiter", {.target = "/api/limiter/buckets/0123456789", .headers = login}).status, 401);
  std::string forged = admin.token();
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
  const Headers bad{{"Authorization", "Bearer " + forged}};
  EXPECT_EQ(analytics.call("analytics", {.target = "/api/analytics/system-stats", .headers = bad}).status, 401);
}

}  // namespace
}  // namespace tollgate::testing
