#include "services/admin/admin_api.h"

#include "codec/keys/key_changes_json.h"
#include "services/admin/harness_test.h"
#include "tests/support/fake_server.h"

namespace tollgate::services {
namespace {

using testing::HttpReply;

// Every endpoint that asks nobody who they are. All others are refused without a token: the test below finds them
// itself.
const std::set<std::string> kOpen{"GET /",
                                  "GET /healthz",
                                  "GET /readyz",
                                  "GET /version",
                                  "GET /metrics",
                                  "POST /api/admin/login",
                                  "POST /api/admin/sessions"};
// What a viewer may send although it is no GET: it changes nothing but what is the caller's own.
const std::set<std::string> kOfEverybody{
    "POST /api/admin/logout",       "POST /api/admin/keys/verify",     "POST /api/admin/keys/lookup",
    "POST /api/admin/routes/match", "DELETE /api/admin/sessions",      "DELETE /api/admin/sessions/{id}",
    "PUT /api/admin/me/password",   "POST /api/admin/config/validate", "POST /api/admin/config/diff"};

struct Call {
  std::string method;
  std::string target;
};

Call call_of(const std::string& pattern, const std::string& key) {
  const std::size_t space = pattern.find(' ');
  std::string target = pattern.substr(space + 1);
  for (const auto& [name, value] : {std::pair<std::string, std::string>{"{key}", key}, {"{name}", "free"}}) {
    if (const auto at = target.find(name); at != std::string::npos) target.replace(at, name.size(), value);
  }
  return {pattern.substr(0, space), target};
}

TEST(AdminApi, EveryEndpointButTheOpenOnesRefusesACallerWithoutAToken) {
  AdminHarness admin;
  const std::string key = AdminHarness::text(admin.create(), "id");
  for (const std::string& pattern : admin.service->router().patterns()) {
    if (kOpen.contains(pattern)) continue;
    const auto [method, target] = call_of(pattern, key);
    for (const std::string& token : {std::string(), std::string("Bearer x"), std::string("Basic YTpi")}) {
      const HttpReply reply = admin.call({.method = method, .target = target, .headers = {{"Authorization", token}}});
      EXPECT_EQ(reply.status, 401) << pattern;
    }
  }
}

// As people are told: a viewer reads, an operator writes keys, an admin everything.
AdminRole least_role(const std::string& pattern) {
  if (kOfEverybody.contains(pattern)) return AdminRole::viewer;
  if (pattern.find("/users") != std::string::npos) return AdminRole::admin;
  if (pattern.starts_with("GET ")) return AdminRole::viewer;
  const bool of_admins = pattern.find("/tiers") != std::string::npos || pattern.ends_with("/config/apply");
  return of_admins ? AdminRole::admin : AdminRole::operator_;
}

// Who may do what, for every endpoint there is, by token and by session.
TEST(AdminApi, EachRoleMayDoWhatItIsForAndNoMore) {
  AdminHarness admin;
  admin.put_user("viewer", "viewer");
  admin.put_user("operator", "operator");
  const std::string key = AdminHarness::text(admin.create(), "id");
  const auto status = [&](const std::string& pattern, testing::Headers headers) {
    const auto [method, target] = call_of(pattern, key);
    return admin.call({.method = method, .target = target, .headers = std::move(headers)}).status;
  };
  for (const std::string& pattern : admin.service->router().patterns()) {
    if (kOpen.contains(pattern)) continue;
    const bool internal = pattern.find("/internal/") != std::string::npos;
    const AdminRole least = least_role(pattern);
    for (const auto& [name, role] :
         {std::pair("viewer", AdminRole::viewer), {"operator", AdminRole::operator_}, {"admin", AdminRole::admin}}) {
      const auto check = [&](int got, const char* how) {
        EXPECT_EQ(got == 401, internal) << pattern << " " << name << " " << how;
        EXPECT_EQ(got == 403, !internal && role < least) << pattern << " " << name << " " << how;
      };
      check(status(pattern, {{"Authorization", "Bearer " + admin.token(name)}}), "by token");
      check(status(pattern,
                   {{"Cookie", admin.cookie(name)}, {"X-Tollgate-Csrf", "1"}, {"Sec-Fetch-Site", "same-origin"}}),
            "by session");
    }
  }
}

TEST(AdminApi, EveryResponseCarriesTheSecurityHeadersAndNoCors) {
  AdminHarness admin;
  std::vector<HttpReply> replies{
      admin.call({.target = "/"}),
      admin.call({.target = "/nothing/here"}),
      admin.call({.method = "DELETE", .target = "/api/admin/login"}),
      admin.call({.target = "/api/admin/keys"}),
      admin.call({.target = "/healthz"}),
      admin.send("GET", "/api/admin/keys", {}, {{"Origin", "https://evil.example"}}),
      admin.call({.method = "OPTIONS",
                  .target = "/api/admin/keys",
                  .headers = {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "POST"}}}),
      admin.create(),
  };
  for (const HttpReply& reply : replies) {
    EXPECT_EQ(reply.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(reply.header("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(reply.header("Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_EQ(reply.header("Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_EQ(reply.header("Cache-Control"), "no-store");
    EXPECT_EQ(
        reply.header("Content-Security-Policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src "
        "'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    std::multiset<std::string> names;
    for (const auto& [name, value] : reply.headers) {
      EXPECT_FALSE(name.starts_with("Access-Control")) << name;
      names.insert(name);
    }
    EXPECT_EQ(names.count("Cache-Control"), 1u);
  }
  EXPECT_EQ(replies[1].status, 404);
  EXPECT_EQ(replies[2].status, 405);
  EXPECT_EQ(replies[2].header("Allow"), "POST");
}

TEST(AdminApi, NothingIsChangedByGet) {
  AdminHarness admin;
  const std::string key = AdminHarness::text(admin.create(), "id");
  const std::uint64_t revision = admin.keys.revision();
  for (const std::string& pattern : admin.service->router().patterns()) {
    if (!pattern.starts_with("GET ")) continue;
    admin.send("GET", call_of(pattern, key).target);
  }
  EXPECT_EQ(admin.keys.revision(), revision);
  EXPECT_EQ(admin.limits.tokens, 7u);
}

TEST(AdminApi, TheVersionedPathIsTheSame) {
  AdminHarness admin;
  EXPECT_EQ(admin.send("GET", "/api/v1/admin/tiers").body, admin.send("GET", "/api/admin/tiers").body);
}

TEST(ChangeFeed, OpensToTheServiceTokenOnlyAndCarriesEverything) {
  AdminHarness admin;
  const HttpReply made = admin.create();
  const std::string target = "/api/admin/internal/changes?since=0&max=100";
  EXPECT_EQ(admin.send("GET", target).status, 401);
  const HttpReply reply =
      admin.call({.target = target, .headers = {{"Authorization", str::cat("Bearer ", kTestServiceToken)}}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto changes = codec::decode_key_changes(reply.body);
  ASSERT_TRUE(changes.has_value()) << changes.error().to_string();
  ASSERT_EQ(changes->upserted.size(), 1u);
  EXPECT_EQ(changes->upserted[0].id.view(), AdminHarness::text(made, "id"));
  EXPECT_EQ(changes->tiers.size(), 3u);
  for (const char* bad : {"since=x", "since=-1", "max=0", "max=10001", "from=1"}) {
    EXPECT_EQ(admin
                  .call({.target = str::cat("/api/admin/internal/changes?", bad),
                         .headers = {{"Authorization", str::cat("Bearer ", kTestServiceToken)}}})
                  .status,
              400)
        << bad;
  }
}

TEST(KeyState, ShowsTheLiveBucketAndResetFillsIt) {
  AdminHarness admin;
  const HttpReply made = admin.create(R"({"name":"a","maxBurst":20})");
  const std::string key = "/api/admin/keys/" + AdminHarness::text(made, "id");
  HttpReply state = admin.send("GET", key + "/state");
  ASSERT_EQ(state.status, 200) << state.body;
  EXPECT_EQ(AdminHarness::number(state, "tokens"), 7u);
  EXPECT_EQ(AdminHarness::number(state, "fullInMs"), 1u);
  EXPECT_EQ(AdminHarness::number(state, "windowSeconds"), 10u);
  EXPECT_EQ(admin.send("POST", key + "/reset").status, 204);
  state = admin.send("GET", key + "/state");
  EXPECT_EQ(AdminHarness::number(state, "tokens"), 20u);
  EXPECT_EQ(admin.send("GET", "/api/admin/keys/0123456789/state").status, 404);
}

TEST(KeyState, EffectiveLimitsAndUsageAreShown) {
  AdminHarness admin;
  const std::string key = "/api/admin/keys/" + AdminHarness::text(admin.create(), "id");
  const HttpReply limits = admin.send("GET", key + "/effective-limits");
  EXPECT_NE(limits.body.find(R"("source":"tier:free")"), std::string::npos) << limits.body;
  EXPECT_EQ(AdminHarness::number(admin.send("GET", key + "/usage"), "totalRequests"), 12u);
  admin.usage.unseen = true;
  const HttpReply unseen = admin.send("GET", key + "/usage");
  EXPECT_EQ(unseen.status, 200);
  EXPECT_NE(unseen.body.find(R"("totalRequests":0)"), std::string::npos) << unseen.body;
}

TEST(Tiers, CanBeMadeChangedAndDeletedButNotWhileKeysUseThem) {
  AdminHarness admin;
  const std::string body = R"({"name":"Gold","title":"Gold","tokensPerWindow":10,"refillRate":1.5,"maxBurst":20})";
  const HttpReply made = admin.send("POST", "/api/admin/tiers", body);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(AdminHarness::text(made, "name"), "gold");
  EXPECT_EQ(made.header("Location"), "/api/admin/tiers/gold");
  EXPECT_EQ(admin.send("POST", "/api/admin/tiers", body).status, 409);
  EXPECT_EQ(AdminHarness::json(admin.send("GET", "/api/admin/tiers")).find("data")->array()->size(), 4u);
  const std::string numbers = R"({"tokensPerWindow":11,"refillRate":2,"maxBurst":21})";
  EXPECT_EQ(admin.send("PUT", "/api/admin/tiers/GOLD", numbers, {{"If-Match", "\"0\""}}).status, 412);
  const HttpReply put = admin.send("PUT", "/api/admin/tiers/GOLD", numbers, {{"If-Match", made.header("ETag")}});
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(AdminHarness::text(put, "title"), "Gold");
  EXPECT_EQ(admin.send("PUT", "/api/admin/tiers/gold", numbers, {{"If-Match", made.header("ETag")}}).status, 412);
  const HttpReply key = admin.create(R"({"name":"a","tier":"gold"})");
  EXPECT_EQ(admin.send("DELETE", "/api/admin/tiers/gold").status, 409);
  admin.send("DELETE", "/api/admin/keys/" + AdminHarness::text(key, "id"));
  EXPECT_EQ(admin.send("DELETE", "/api/admin/tiers/gold", {}, {{"If-Match", "\"1\""}}).status, 412);
  EXPECT_EQ(admin.send("DELETE", "/api/admin/tiers/gold").status, 204);
  EXPECT_EQ(admin.send("GET", "/api/admin/tiers/gold").status, 404);
  EXPECT_EQ(admin.send("DELETE", "/api/admin/tiers/free").status, 409);
}

TEST(Tiers, RefuseWhatIsNoTier) {
  AdminHarness admin;
  const std::uint64_t revision = admin.keys.revision();
  for (const char* bad : {R"({"name":"x"})", R"({"name":"x","tokensPerWindow":1,"refillRate":1})",
                          R"({"name":"a b","tokensPerWindow":1,"refillRate":1,"maxBurst":1})",
                          R"({"tokensPerWindow":1,"refillRate":1,"maxBurst":1})",
                          R"({"name":"x","tokensPerWindow":1,"refillRate":1,"maxBurst":1,"builtIn":true})",
                          R"({"name":"x","tokensPerWindow":1,"refillRate":0.000001,"maxBurst":1000000000})"}) {
    EXPECT_EQ(admin.send("POST", "/api/admin/tiers", bad).status, 400) << bad;
  }
  EXPECT_EQ(admin.send("PUT", "/api/admin/tiers/nosuch", R"({"tokensPerWindow":1,"refillRate":1,"maxBurst":1})").status,
            404);
  EXPECT_EQ(admin.keys.revision(), revision);
}

TEST(Routes, AreListedAndMatchedAsTheGatewayWould) {
  AdminHarness admin;
  const codec::JsonValue list = AdminHarness::json(admin.send("GET", "/api/admin/routes"));
  ASSERT_EQ(list.find("data")->array()->size(), 1u);
  const auto match = [&](const std::string& body) { return admin.send("POST", "/api/admin/routes/match", body); };
  EXPECT_NE(match(R"({"path":"/api/x/../orders/7","method":"POST"})").body.find(R"("route":{"name":"orders")"),
            std::string::npos);
  const HttpReply other_method = match(R"({"path":"/api/orders","method":"DELETE"})");
  EXPECT_EQ(AdminHarness::number(other_method, "status"), 405u);
  EXPECT_NE(other_method.body.find(R"("allowedMethods":["GET","HEAD","POST"])"), std::string::npos)
      << other_method.body;
  EXPECT_EQ(AdminHarness::number(match(R"({"path":"/other"})"), "status"), 404u);
  for (const char* bad : {R"({})", R"({"path":"x"})", R"({"path":"/%zz"})", R"({"path":"/","method":"TRACE"})"})
    EXPECT_EQ(match(bad).status, 400) << bad;
}

std::map<std::string, std::string> status_of_services(AdminHarness& admin) {
  const codec::JsonValue document = AdminHarness::json(admin.send("GET", "/api/admin/monitoring/dashboard"));
  std::map<std::string, std::string> status;
  for (const codec::JsonValue& service : *document.find("services")->array()) {
    status[*service.find("name")->get_if<std::string>()] = *service.find("status")->get_if<std::string>();
  }
  return status;
}

TEST(Dashboard, ShowsEveryServiceAlsoTheOnesThatAreDown) {
  testing::FakeServer healthy([](const testing::FakeRequest& request) {
    return testing::FakeReply::json(request.target == "/readyz" ? 200 : 404, "{}");
  });
  testing::FakeServer ill([](const testing::FakeRequest&) { return testing::FakeReply::json(503, "{}"); });
  testing::FakeServer silent([](const testing::FakeRequest&) { return testing::FakeReply::silence(); });
  AdminHarness admin({.services = [&] {
    return std::vector<ServiceAddress>{{"gateway", healthy.url()},
                                       {"limiter", ill.url()},
                                       {"analytics", silent.url()},
                                       {"backend", testing::FakeServer::refusing_url()}};
  }});
  EXPECT_EQ(status_of_services(admin),
            (std::map<std::string, std::string>{
                {"gateway", "up"}, {"limiter", "unhealthy"}, {"analytics", "down"}, {"backend", "down"}}));
  const HttpReply reply = admin.send("GET", "/api/admin/monitoring/dashboard");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const codec::JsonValue document = AdminHarness::json(reply);
  for (const char* member : {"system", "stats", "topKeys", "topEndpoints", "recent", "time"})
    EXPECT_NE(document.find(member), nullptr) << member;
  EXPECT_NE(reply.body.find(R"("stats":{"totalRequests":12)"), std::string::npos) << reply.body;
  for (const char* member : {"cpu", "memoryBytes", "uptimeSeconds"})
    EXPECT_NE(document.find("system")->find(member), nullptr) << member;

  // Within a second the services are not asked again.
  EXPECT_EQ(healthy.requests().size(), 1u);
}

TEST(Dashboard, ShowsAForeignBackendAsUpWhateverItSaysOfOurPathsUnlessItFails) {
  testing::FakeServer knows_no_paths([](const testing::FakeRequest&) { return testing::FakeReply::json(404, "{}"); });
  testing::FakeServer failing([](const testing::FakeRequest&) { return testing::FakeReply::json(500, "{}"); });
  AdminHarness admin({.services = [&] {
    return std::vector<ServiceAddress>{{.name = "backend", .url = knows_no_paths.url(), .foreign = true},
                                       {.name = "failing", .url = failing.url(), .foreign = true},
                                       {.name = "limiter", .url = knows_no_paths.url()}};
  }});
  EXPECT_EQ(status_of_services(admin), (std::map<std::string, std::string>{
                                           {"backend", "up"}, {"failing", "unhealthy"}, {"limiter", "unhealthy"}}));
}

TEST(Dashboard, StandsWithoutAnalytics) {
  AdminHarness admin;
  admin.usage.down = true;
  const HttpReply reply = admin.send("GET", "/api/admin/monitoring/dashboard");
  ASSERT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find(R"("stats":null)"), std::string::npos) << reply.body;
  EXPECT_NE(reply.body.find(R"("degraded":["analytics"])"), std::string::npos);
}

}  // namespace
}  // namespace tollgate::services
