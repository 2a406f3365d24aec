// The paths of the original system answer, on their ports, with the members that its users' scripts read.
#include <algorithm>

#include "base/str.h"
#include "tests/e2e/shared_tollgate.h"

namespace tollgate::testing {
namespace {

constexpr const char* kFree = R"({"name":"shape","tier":"free"})";

class Api : public SharedTollgate {
 protected:
  static HttpReply log(const std::string& type, const std::string& body) {
    return tollgate().call("analytics",
                           {.method = "POST",
                            .target = "/api/analytics/log",
                            .headers = {{"Authorization", "Bearer " + tollgate().token()}, {"Content-Type", type}},
                            .body = body});
  }
  // System stats, when every request so far has reached them.
  static Json settled_stats() {
    const auto read = [] { return Json(tollgate().get("analytics", "/api/analytics/system-stats").body); };
    EXPECT_TRUE(soon([&] { return read()["log"]["spooled"].uint() == 0; }));
    return read();
  }
  static std::uint64_t requests_of(const std::string& key_id) {
    const HttpReply reply = tollgate().get("analytics", "/api/analytics/api-keys/" + key_id);
    return reply.status == 200 ? Json(reply.body)["totalRequests"].uint() : 0;
  }
};

void expect_counts(const Json& json) {
  for (const char* name :
       {"totalRequests", "allowedRequests", "rateLimitedRequests", "unauthorizedRequests", "errorRequests"}) {
    EXPECT_NO_THROW((void)json[name].uint()) << name;
  }
  for (const char* name : {"p50", "p90", "p99"}) EXPECT_NO_THROW((void)json["latencyMs"][name].number()) << name;
}

void expect_system_stats(const Json& stats) {
  expect_counts(stats);
  EXPECT_NO_THROW((void)stats["requestsPerSecond"].number());
  EXPECT_NO_THROW((void)stats["activeKeys"].uint());
  std::uint64_t kept = 0;
  for (const char* name : {"stored", "spooled", "aggregated", "dropped"}) kept += stats["log"][name].uint();
  EXPECT_EQ(stats["log"]["produced"].uint(), kept);
}

TEST_F(Api, LoginAnswersATokenAndHowLongItLasts) {
  const HttpReply reply =
      HttpClient(tollgate().address("admin"))
          .post("/api/admin/login", str::cat(R"({"username":"admin","password":")", tollgate().password(), R"("})"));
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(Json(reply.body)["expiresIn"].uint(), 15u * 60);
  EXPECT_EQ(std::ranges::count(Json(reply.body)["token"].text(), '.'), 2);
  const HttpReply wrong = HttpClient(tollgate().address("admin"))
                              .post("/api/admin/login", R"({"username":"nobody","password":"wrong password"})");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(Json(wrong.body)["code"].text(), "login_failed");
}

TEST_F(Api, KeysAreCreatedReadListedReplacedPatchedAndDeleted) {
  TollgateProcess& api = tollgate();
  const HttpReply created = api.admin_call(
      "admin", {.method = "POST",
                .target = "/api/admin/keys",
                .body = R"({"name":"Mobile app","tier":"pro","tokensPerWindow":50,"refillRate":2.5,"maxBurst":70})"});
  ASSERT_EQ(created.status, 201) << created.body;
  const Json made(created.body);
  const std::string text = made["apiKey"].text();
  const std::string path = "/api/admin/keys/" + made["id"].text();
  EXPECT_EQ(made["name"].text(), "Mobile app");
  EXPECT_EQ(made["tokensPerWindow"].uint(), 50u);
  EXPECT_EQ(made["refillRate"].number(), 2.5);
  EXPECT_EQ(made["maxBurst"].uint(), 70u);
  EXPECT_TRUE(text.starts_with(made["prefix"].text()));
  EXPECT_TRUE(text.ends_with(made["last4"].text()));

  for (const std::string& name : {path, "/api/admin/keys/" + text}) {
    const HttpReply read = api.get("admin", name);
    ASSERT_EQ(read.status, 200) << read.body;
    EXPECT_EQ(Json(read.body)["id"].text(), made["id"].text());
    EXPECT_FALSE(Json(read.body).has("apiKey")) << "the key is shown once";
  }
  const Json list(api.get("admin", "/api/admin/keys?search=Mobile").body);
  EXPECT_EQ(list["data"].size(), 1u);
  EXPECT_TRUE(list["nextCursor"].is_null());

  const HttpReply replaced = api.admin_call(
      "admin", {.method = "PUT", .target = path, .body = R"({"tokensPerWindow":9,"refillRate":3,"maxBurst":9})"});
  ASSERT_EQ(replaced.status, 200) << replaced.body;
  EXPECT_EQ(Json(replaced.body)["maxBurst"].uint(), 9u);
  EXPECT_EQ(Json(replaced.body)["name"].text(), "Mobile app");
  const HttpReply patched =
      api.admin_call("admin", {.method = "PATCH", .target = path, .body = R"({"name":"Renamed"})"});
  EXPECT_EQ(Json(patched.body)["name"].text(), "Renamed");
  EXPECT_EQ(Json(patched.body)["maxBurst"].uint(), 9u);
  const HttpReply late = api.admin_call("admin", {.method = "PATCH",
                                                  .target = path,
                                                  .headers = {{"If-Match", created.header("ETag")}},
                                                  .body = R"({"name":"x"})"});
  EXPECT_EQ(late.status, 412);

  EXPECT_EQ(api.admin_call("admin", {.method = "DELETE", .target = path}).status, 204);
  EXPECT_EQ(api.get("admin", path).status, 404);
}

TEST_F(Api, TheGatewayAnswersForTheBackendAndSaysWhatIsLeft) {
  const CreatedKey key = tollgate().create_key(kFree);
  const HttpReply reply =
      tollgate().call("gateway", {.method = "POST",
                                  .target = "/api/process/calculate",
                                  .headers = {{"X-API-Key", key.text}, {"Content-Type", "application/json"}},
                                  .body = R"({"value":42})"});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(Json(reply.body)["result"].uint(), 84u);
  EXPECT_EQ(reply.header("X-RateLimit-Limit"), "100");
  EXPECT_EQ(reply.header("X-RateLimit-Remaining"), "99");
  EXPECT_EQ(tollgate().call("gateway", {.target = "/health"}).status, 200);
  EXPECT_EQ(tollgate().call("backend", {.target = "/health"}).status, 200);
}

TEST_F(Api, RefusalsByALimitSayWhenToComeBack) {
  const CreatedKey key =
      tollgate().create_key(R"({"name":"one","tier":"free","tokensPerWindow":1,"refillRate":0.01,"maxBurst":1})");
  EXPECT_EQ(tollgate().use(key.text).status, 200);
  const HttpReply refused = tollgate().use(key.text);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(refused.header("X-RateLimit-Remaining"), "0");
  const auto wait = str::parse_int<unsigned>(refused.header("Retry-After"));
  ASSERT_TRUE(wait);
  EXPECT_GE(*wait, 98u);
  EXPECT_LE(*wait, 100u);
  EXPECT_EQ(Json(refused.body)["violated-policies"][0].text(), "key");
}

TEST_F(Api, SystemStatsCountEveryRequest) {
  const Json before = settled_stats();
  expect_system_stats(before);
  const CreatedKey key = tollgate().create_key(kFree);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(tollgate().use(key.text).status, 200);
  EXPECT_EQ(tollgate().use("tg_live_nobody").status, 401);
  EXPECT_EQ(tollgate().use(key.text, "/api/status/500").status, 500);
  const Json after = settled_stats();
  const auto grown = [&](const char* name) { return after[name].uint() - before[name].uint(); };
  EXPECT_EQ(grown("totalRequests"), 7u);
  EXPECT_EQ(grown("unauthorizedRequests"), 1u);
  EXPECT_EQ(grown("errorRequests"), 1u);
}

TEST_F(Api, UsageOfAKeyIsShownByIdAndByKeyAndNotForUnknownOnes) {
  const CreatedKey key = tollgate().create_key(kFree);
  EXPECT_EQ(tollgate().use(key.text).status, 200);
  EXPECT_TRUE(soon([&] { return requests_of(key.id) == 1; }));
  for (const std::string& name : {key.id, key.text}) {
    const HttpReply reply = tollgate().get("analytics", "/api/analytics/api-keys/" + name);
    ASSERT_EQ(reply.status, 200) << reply.body;
    const Json usage(reply.body);
    expect_counts(usage);
    EXPECT_EQ(usage["endpoints"][0]["route"].text(), "default");
    EXPECT_EQ(usage["endpoints"][0]["method"].text(), "GET");
    EXPECT_EQ(usage["endpoints"][0]["requests"].uint(), 1u);
    EXPECT_EQ(usage["endpoints"][0]["rateLimited"].uint(), 0u);
    EXPECT_GT(usage["endpoints"][0]["latencyMs"]["p99"].number(), 0.0);
    EXPECT_TRUE(usage["lastUsedAt"].text().ends_with("Z"));
  }
  for (const char* unknown : {"0123456789", "nonsense", "tg_live_x"}) {
    const HttpReply reply = tollgate().get("analytics", str::cat("/api/analytics/api-keys/", unknown));
    EXPECT_EQ(reply.status, 404) << unknown;
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json");
  }
}

TEST_F(Api, TimeSeriesHaveABucketForEveryStepAlsoWhereNothingHappened) {
  const CreatedKey key = tollgate().create_key(kFree);
  EXPECT_EQ(tollgate().use(key.text).status, 200);
  EXPECT_TRUE(soon([&] { return requests_of(key.id) == 1; }));
  const HttpReply reply = tollgate().get(
      "analytics", str::cat("/api/analytics/time-series?metric=requests&groupBy=key,tier&step=60s&key=", key.id));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json answer(reply.body);
  EXPECT_EQ(answer["step"].uint(), 60u);
  EXPECT_LT(answer["from"].text(), answer["to"].text());
  ASSERT_EQ(answer["series"].size(), 1u);
  const Json series = answer["series"][0];
  EXPECT_EQ(series["group"]["key"].text(), key.id);
  EXPECT_EQ(series["group"]["tier"].text(), "free");
  ASSERT_GE(series["points"].size(), 60u);
  std::uint64_t sum = 0;
  std::size_t empty = 0;
  for (std::size_t i = 0; i < series["points"].size(); ++i) {
    const Json point = series["points"][i];
    EXPECT_TRUE(i == 0 || series["points"][i - 1][0].text() < point[0].text());
    for (const char* name : {"allowed", "rateLimited", "errors"}) EXPECT_NO_THROW((void)point[1][name].uint());
    for (const char* name : {"p50Ms", "p90Ms", "p99Ms"}) EXPECT_NO_THROW((void)point[1][name].number());
    sum += point[1]["requests"].uint();
    if (point[1]["requests"].uint() == 0) ++empty;
  }
  EXPECT_EQ(sum, 1u);
  EXPECT_EQ(empty, series["points"].size() - 1);
}

TEST_F(Api, TheDashboardShowsServicesSystemAndTraffic) {
  const CreatedKey key = tollgate().create_key(kFree);
  EXPECT_EQ(tollgate().use(key.text).status, 200);
  EXPECT_TRUE(soon([&] { return requests_of(key.id) == 1; }));
  const HttpReply reply = tollgate().get("admin", "/api/admin/monitoring/dashboard");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json dashboard(reply.body);
  ASSERT_EQ(dashboard["services"].size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    const Json service = dashboard["services"][i];
    EXPECT_EQ(service["url"].text(), tollgate().url(service["name"].text()));
    EXPECT_EQ(service["status"].text(), "up") << service["name"].text();
    EXPECT_GE(service["latencyMs"].number(), 0.0);
  }
  EXPECT_GE(dashboard["system"]["cpu"].number(), 0.0);
  EXPECT_GT(dashboard["system"]["memoryBytes"].uint(), 1u << 20);
  EXPECT_NO_THROW((void)dashboard["system"]["uptimeSeconds"].number());
  expect_system_stats(dashboard["stats"]);
  EXPECT_GE(dashboard["topKeys"].size(), 1u);
  EXPECT_GE(dashboard["topEndpoints"].size(), 1u);
  EXPECT_GE(dashboard["recent"].size(), 1u);
  EXPECT_TRUE(dashboard["time"].text().ends_with("Z"));
}

TEST_F(Api, TheLogTakesOneEventAnArrayOrLines) {
  const std::string id = tollgate().create_key(kFree).id;
  const std::string event = str::cat(
      R"({"apiKey":")", id, R"(","endpoint":"/orders","method":"GET","statusCode":200,"responseTimeMs":12.5})");
  EXPECT_EQ(log("application/json", event).status, 201);
  EXPECT_EQ(log("application/json", str::cat("[", event, ",", event, "]")).status, 201);
  EXPECT_EQ(log("application/x-ndjson", str::cat(event, "\n", event, "\n", event, "\n")).status, 201);
  EXPECT_EQ(requests_of(id), 6u) << "answered after the commit";
  EXPECT_EQ(log("text/plain", event).status, 415);
}

TEST_F(Api, TheLimiterChecksKeysAndStatedLimits) {
  const CreatedKey key = tollgate().create_key(kFree);
  const auto check = [](const std::string& target, const std::string& body) {
    return tollgate().admin_call("limiter", {.method = "POST", .target = target, .body = body});
  };
  const HttpReply by_key = check("/api/limiter/check", str::cat(R"({"key":")", key.text, R"(","cost":3})"));
  ASSERT_EQ(by_key.status, 200) << by_key.body;
  const Json answer(by_key.body);
  EXPECT_TRUE(answer["allowed"].boolean());
  EXPECT_FALSE(answer["decisionId"].text().empty());
  EXPECT_EQ(answer["limits"][0]["name"].text(), "key");
  EXPECT_EQ(answer["limits"][0]["limit"].uint(), 100u);
  EXPECT_EQ(answer["limits"][0]["remaining"].uint(), 97u);
  EXPECT_NO_THROW((void)answer["limits"][0]["resetMs"].uint());
  EXPECT_EQ(answer["limits"][0]["retryAfterMs"].uint(), 0u);
  EXPECT_EQ(tollgate().use(key.text).header("X-RateLimit-Remaining"), "96") << "one bucket, whoever asks";

  const std::string stated =
      str::cat(R"({"limits":[{"name":"per-user","key":")", key.id, R"(","tokensPerWindow":1,"refillRate":0.01}]})");
  EXPECT_TRUE(Json(check("/api/limiter/check", stated).body)["allowed"].boolean());
  const HttpReply refused = check("/api/limiter/check", stated);
  EXPECT_EQ(refused.status, 200);
  EXPECT_FALSE(Json(refused.body)["allowed"].boolean());
  EXPECT_EQ(check("/api/limiter/check?status=true", stated).status, 429);
}

}  // namespace
}  // namespace tollgate::testing
