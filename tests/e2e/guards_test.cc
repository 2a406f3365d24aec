// Nobody uses a service without saying who they are, and what a service does not know it says so.
#include "base/str.h"
#include "tests/e2e/shared_tollgate.h"

namespace tollgate::testing {
namespace {

struct Place {
  const char* service;
  const char* method;
  const char* path;
};

constexpr Place kGuarded[] = {
    {"admin", "GET", "/api/admin/keys"},
    {"admin", "POST", "/api/admin/keys"},
    {"admin", "GET", "/api/admin/keys/0123456789"},
    {"admin", "PUT", "/api/admin/keys/0123456789"},
    {"admin", "PATCH", "/api/admin/keys/0123456789"},
    {"admin", "DELETE", "/api/admin/keys/0123456789"},
    {"admin", "POST", "/api/admin/keys/0123456789/rotate"},
    {"admin", "POST", "/api/admin/keys/0123456789/disable"},
    {"admin", "POST", "/api/admin/keys/0123456789/enable"},
    {"admin", "POST", "/api/admin/keys/0123456789/reset"},
    {"admin", "GET", "/api/admin/keys/0123456789/state"},
    {"admin", "GET", "/api/admin/keys/0123456789/effective-limits"},
    {"admin", "GET", "/api/admin/keys/0123456789/usage"},
    {"admin", "POST", "/api/admin/keys/verify"},
    {"admin", "POST", "/api/admin/keys/lookup"},
    {"admin", "GET", "/api/admin/tiers"},
    {"admin", "PUT", "/api/admin/tiers/free"},
    {"admin", "GET", "/api/admin/monitoring/dashboard"},
    {"admin", "GET", "/api/admin/internal/changes"},
    {"admin", "GET", "/api/admin/me"},
    {"admin", "POST", "/api/admin/logout"},
    {"analytics", "GET", "/api/analytics/system-stats"},
    {"analytics", "GET", "/api/analytics/api-keys/0123456789"},
    {"analytics", "GET", "/api/analytics/time-series"},
    {"analytics", "GET", "/api/analytics/top"},
    {"analytics", "POST", "/api/analytics/log"},
    {"limiter", "POST", "/api/limiter/check"},
    {"limiter", "POST", "/api/limiter/check/batch"},
    {"limiter", "GET", "/api/limiter/buckets/0123456789"},
};

class Guards : public SharedTollgate {};

TEST_F(Guards, EveryProtectedPathIsClosedWithoutAValidToken) {
  const std::string token = tollgate().token();
  std::string forged = token;
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
  const std::string key = tollgate().create_key(R"({"name":"a","tier":"free"})").text;
  for (const Place& place : kGuarded) {
    for (const std::string& credential : {std::string(), forged, key, std::string("eyJhbGciOiJub25lIn0.e30.")}) {
      HttpCall call{.method = place.method, .target = place.path};
      if (!credential.empty()) call.headers = {{"Authorization", "Bearer " + credential}};
      const HttpReply reply = tollgate().call(place.service, call);
      EXPECT_EQ(reply.status, 401) << place.method << " " << place.path << " with \"" << credential << "\"";
      EXPECT_EQ(reply.header("Content-Type"), "application/problem+json");
      EXPECT_TRUE(reply.has("WWW-Authenticate")) << place.path;
    }
  }
}

TEST_F(Guards, LoggingOutEndsTheToken) {
  const std::string credentials = str::cat(R"({"username":"admin","password":")", tollgate().password(), R"("})");
  const std::string token =
      Json(HttpClient(tollgate().address("admin")).post("/api/admin/login", credentials).body)["token"].text();
  const Headers headers{{"Authorization", "Bearer " + token}};
  EXPECT_EQ(tollgate().call("admin", {.target = "/api/admin/me", .headers = headers}).status, 200);
  EXPECT_EQ(tollgate().call("admin", {.method = "POST", .target = "/api/admin/logout", .headers = headers}).status,
            204);
  EXPECT_EQ(tollgate().call("admin", {.target = "/api/admin/me", .headers = headers}).status, 401);
}

TEST_F(Guards, TheServiceTokenOpensTheServicesAndNotAdmin) {
  const std::string content = read_file(tollgate().data_dir() + "/service-token").value_or("");
  const Headers headers{{"Authorization", "Bearer " + content.substr(0, content.find('\n'))}};
  EXPECT_EQ(tollgate().call("analytics", {.target = "/api/analytics/system-stats", .headers = headers}).status, 200);
  EXPECT_EQ(tollgate().call("limiter", {.target = "/api/limiter/buckets/0123456789", .headers = headers}).status, 404);
  EXPECT_EQ(tollgate().call("admin", {.target = "/api/admin/keys", .headers = headers}).status, 401);
}

TEST_F(Guards, WhoIsNotKnownLearnsNothingAtTheGateway) {
  for (const Headers& headers : {Headers{},
                                 {{"X-API-Key", ""}},
                                 {{"X-API-Key", "tg_live_x"}},
                                 {{"Authorization", "Basic YTpi"}},
                                 {{"Authorization", "Bearer " + tollgate().token()}}}) {
    for (const char* path : {"/api/data", "/api/none", "/api/process/calculate"}) {
      const HttpReply reply = tollgate().call("gateway", {.target = path, .headers = headers});
      EXPECT_EQ(reply.status, 401) << path;
      EXPECT_EQ(Json(reply.body)["code"].text(), "unauthenticated");
    }
  }
}

TEST_F(Guards, UnknownPathsAndMethodsAreProblemsToo) {
  for (const char* service : {"backend", "limiter", "analytics", "admin"}) {
    const HttpReply reply = tollgate().get(service, "/api/nothing-here");
    EXPECT_EQ(reply.status, 404) << service;
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json") << service;
  }
  const HttpReply reply = tollgate().admin_call("analytics", {.method = "DELETE", .target = "/api/analytics/log"});
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.header("Allow"), "POST");
}

}  // namespace
}  // namespace tollgate::testing
