// What a body may not be is answered with 400 and where in it the fault is; nothing of it is done.
#include "base/str.h"
#include "tests/e2e/shared_tollgate.h"

namespace tollgate::testing {
namespace {

struct Bad {
  std::string what;
  std::string body;
  std::string pointer;  // of the first fault
};

std::string nested(std::size_t depth) {
  return str::cat(R"({"name":)", std::string(depth, '['), std::string(depth, ']'), "}");
}

// Wrong for every endpoint.
std::vector<Bad> not_json() {
  return {{"nothing", "", ""},
          {"half a document", R"({"name":"a")", ""},
          {"two documents", "{}{}", ""},
          {"a list", "[]", ""},
          {"a string", R"("x")", ""},
          {"a byte order mark", "\xef\xbb\xbf{}", ""},
          {"a name twice", R"({"name":"a","name":"b"})", "/name"},
          {"wrong UTF-8", "{\"name\":\"\xc3\x28\"}", "/name"},
          {"an overlong slash", "{\"name\":\"\xc0\xaf\"}", "/name"},
          {"half a surrogate pair", R"({"name":"\ud800"})", "/name"},
          {"a control character", "{\"name\":\"a\nb\"}", "/name"},
          {"a comment", "{/**/}", ""},
          {"not a number", R"({"name":NaN})", "/name"},
          {"an endless number", R"({"name":1e999})", "/name"},
          {"great depth", nested(20'000), ""}};
}

class HostileBodies : public SharedTollgate {
 protected:
  struct Target {
    std::string service;
    std::string method;
    std::string path;
  };

  static HttpReply send(const Target& target, const std::string& body) {
    HttpCall call{.method = target.method,
                  .target = target.path,
                  .headers = {{"Authorization", "Bearer " + tollgate().token()}, {"Content-Type", "application/json"}},
                  .body = body};
    if (body.empty()) call.headers.emplace_back("Content-Length", "0");
    return tollgate().call(target.service, call);
  }

  static void expect_refused(const Target& target, const Bad& bad) {
    SCOPED_TRACE(str::cat(target.method, " ", target.path, ": ", bad.what));
    const HttpReply reply = send(target, bad.body);
    EXPECT_EQ(reply.status, 400) << reply.body;
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json");
    const Json problem(reply.body);
    ASSERT_GE(problem["errors"].size(), 1u) << reply.body;
    const std::string pointer = problem["errors"][0]["pointer"].text();
    EXPECT_TRUE(pointer == bad.pointer || bad.pointer.empty()) << pointer << " instead of " << bad.pointer;
    EXPECT_FALSE(problem["errors"][0]["detail"].text().empty());
  }

  static std::string keys() { return tollgate().get("admin", "/api/admin/keys?limit=1000").body; }
  static std::string tiers() { return tollgate().get("admin", "/api/admin/tiers").body; }
  static std::uint64_t total_requests() {
    return Json(tollgate().get("analytics", "/api/analytics/system-stats").body)["totalRequests"].uint();
  }
};

TEST_F(HostileBodies, MakeNoKeyAndChangeNone) {
  const CreatedKey key = tollgate().create_key(R"({"name":"unchanged","tier":"free"})");
  const std::string before = keys();
  std::vector<Bad> all = not_json();
  const std::vector<Bad> more{{"an unknown member", R"({"name":"a","rate":5})", "/rate"},
                              {"a member of somebody else's", R"({"name":"a","id":"0123456789"})", "/id"},
                              {"a role", R"({"name":"a","role":"admin"})", "/role"},
                              {"a number for a name", R"({"name":7})", "/name"},
                              {"an empty name", R"({"name":""})", "/name"},
                              {"a long name", str::cat(R"({"name":")", std::string(201, 'x'), R"("})"), "/name"},
                              {"a string for a number", R"({"name":"a","maxBurst":"100"})", "/maxBurst"},
                              {"a negative number", R"({"name":"a","maxBurst":-1})", "/maxBurst"},
                              {"zero", R"({"name":"a","maxBurst":0})", "/maxBurst"},
                              {"a fraction of a token", R"({"name":"a","maxBurst":1.5})", "/maxBurst"},
                              {"2^64", R"({"name":"a","tokensPerWindow":18446744073709551616})", "/tokensPerWindow"},
                              {"a negative rate", R"({"name":"a","refillRate":-10})", "/refillRate"},
                              {"a huge rate", R"({"name":"a","refillRate":1e300})", "/refillRate"},
                              {"no time", R"({"name":"a","expiresAt":"tomorrow"})", "/expiresAt"},
                              {"a tier that cannot be", R"({"name":"a","tier":"../x"})", "/tier"}};
  all.insert(all.end(), more.begin(), more.end());
  for (const Bad& bad : all) {
    expect_refused({"admin", "POST", "/api/admin/keys"}, bad);
    if (bad.what == "nothing") continue;  // a replacement by nothing and a patch of nothing can be meant
    expect_refused({"admin", "PUT", "/api/admin/keys/" + key.id}, bad);
    expect_refused({"admin", "PATCH", "/api/admin/keys/" + key.id}, bad);
  }
  EXPECT_EQ(keys(), before);
}

TEST_F(HostileBodies, ChangeNoTier) {
  const std::string before = tiers();
  std::vector<Bad> all = not_json();
  all.push_back({"an unknown member", R"({"tokensPerWindow":1,"refillRate":1,"maxBurst":1,"x":1})", "/x"});
  all.push_back({"a missing member", R"({"tokensPerWindow":1,"refillRate":1})", "/maxBurst"});
  all.push_back({"a negative number", R"({"tokensPerWindow":1,"refillRate":1,"maxBurst":-1})", "/maxBurst"});
  for (const Bad& bad : all) expect_refused({"admin", "PUT", "/api/admin/tiers/free"}, bad);
  EXPECT_EQ(tiers(), before);
}

TEST_F(HostileBodies, LogNobodyIn) {
  std::vector<Bad> all = not_json();
  all.push_back({"an unknown member", R"({"username":"admin","password":"x","admin":true})", "/admin"});
  all.push_back({"a list for a password", R"({"username":"admin","password":["x"]})", "/password"});
  all.push_back({"no password", R"({"username":"admin"})", "/password"});
  for (const Bad& bad : all) {
    if (bad.what == "great depth") continue;  // longer than a login may be
    expect_refused({"admin", "POST", "/api/admin/login"}, bad);
  }
  EXPECT_EQ(send({"admin", "POST", "/api/admin/login"}, std::string(9'000, ' ')).status, 413);
}

TEST_F(HostileBodies, CountNothingInAnalytics) {
  const std::uint64_t before = total_requests();
  std::vector<Bad> all;
  for (const Bad& bad : not_json()) {
    if (bad.what != "a list") all.push_back(bad);  // of no events; nothing is wrong with it
  }
  const std::vector<Bad> more{
      {"no status", R"({"endpoint":"/x"})", "/statusCode"},
      {"an unknown member", R"({"statusCode":200,"cost":1,"bogus":1})", "/bogus"},
      {"a status of no kind", R"({"statusCode":999})", "/statusCode"},
      {"a negative time", R"({"statusCode":200,"responseTimeMs":-1})", "/responseTimeMs"},
      {"an endless time", R"({"statusCode":200,"responseTimeMs":1e308})", "/responseTimeMs"},
      {"an impossible cost", R"({"statusCode":200,"cost":99999999999999999999})", "/cost"},
      {"no address", R"({"statusCode":200,"clientIp":"1.2.3.4.5"})", "/clientIp"},
      {"no key", R"({"statusCode":200,"apiKey":"x"})", "/apiKey"},
      {"one bad event of two", R"([{"statusCode":200},{"statusCode":"200"}])", "/1/statusCode"}};
  all.insert(all.end(), more.begin(), more.end());
  for (const Bad& bad : all) expect_refused({"analytics", "POST", "/api/analytics/log"}, bad);
  EXPECT_EQ(total_requests(), before);
}

TEST_F(HostileBodies, TakeNoTokenFromALimit) {
  const CreatedKey key = tollgate().create_key(R"({"name":"full","tier":"free"})");
  std::vector<Bad> all = not_json();
  const auto with_key = [&](const std::string& rest) { return str::cat(R"({"key":")", key.id, "\",", rest, "}"); };
  const std::vector<Bad> more{
      {"neither key nor limits", R"({"cost":1})", "/key"},
      {"an unknown member", with_key(R"("bogus":1)"), "/bogus"},
      {"a negative cost", with_key(R"("cost":-1)"), "/cost"},
      {"a cost beyond numbers", with_key(R"("cost":18446744073709551616)"), "/cost"},
      {"a string for a cost", with_key(R"("cost":"1")"), "/cost"},
      {"a number for a boolean", with_key(R"("peek":1)"), "/peek"},
      {"key and limits", with_key(R"("limits":[{"name":"a","key":"b","tokensPerWindow":1,"refillRate":1}])"),
       "/limits"},
      {"no limits", R"({"limits":[]})", "/limits"},
      {"a limit without a rate", R"({"limits":[{"name":"a","key":"b","tokensPerWindow":1}]})", "/limits/0/refillRate"},
      {"a limit of nothing", R"({"limits":[{"name":"a","key":"b","tokensPerWindow":0,"refillRate":1}]})",
       "/limits/0/tokensPerWindow"}};
  all.insert(all.end(), more.begin(), more.end());
  for (const Bad& bad : all) expect_refused({"limiter", "POST", "/api/limiter/check"}, bad);
  const HttpReply bucket = tollgate().get("limiter", "/api/limiter/buckets/" + key.id);
  EXPECT_EQ(Json(bucket.body)["level"].uint(), 100u) << bucket.body;
}

// What only announces a body is refused before it sends one.
TEST_F(HostileBodies, MayNotBeEndless) {
  const std::vector<Target> targets{{"admin", "POST", "/api/admin/keys"},
                                    {"admin", "POST", "/api/admin/login"},
                                    {"limiter", "POST", "/api/limiter/check"},
                                    {"analytics", "POST", "/api/analytics/log"}};
  for (const Target& target : targets) {
    HttpClient client(tollgate().address(target.service));
    client.send(str::cat("POST ", target.path, " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n",
                         "Authorization: Bearer ", tollgate().token(), "\r\nContent-Length: 1000000000\r\n\r\n"));
    EXPECT_EQ(client.read_reply().status, 413) << target.path;
    EXPECT_EQ(client.read_until_closed(), "") << target.path;
  }
}

TEST_F(HostileBodies, QueriesAreReadAsStrictly) {
  for (const char* target :
       {"/api/analytics/time-series?step=0", "/api/analytics/time-series?step=-5m",
        "/api/analytics/time-series?from=yesterday", "/api/analytics/time-series?groupBy=color",
        "/api/analytics/time-series?metric=x", "/api/analytics/time-series?stepp=60s",
        "/api/analytics/time-series?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "/api/analytics/top?limit=0",
        "/api/analytics/time-series?from=1970-01-01T00:00:00Z&step=1s"}) {
    const HttpReply reply = tollgate().get("analytics", target);
    EXPECT_EQ(reply.status, 400) << target << ": " << reply.body;
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json") << target;
  }
  for (const char* target : {"/api/admin/keys?limit=0", "/api/admin/keys?limit=1001", "/api/admin/keys?serch=a",
                             "/api/admin/keys?cursor=%00"}) {
    const HttpReply reply = tollgate().get("admin", target);
    EXPECT_EQ(reply.status, 400) << target << ": " << reply.body;
  }
}

}  // namespace
}  // namespace tollgate::testing
