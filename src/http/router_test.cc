#include "http/router.h"

#include <gtest/gtest.h>

#include "base/str.h"
#include "http/date.h"
#include "http/fetch.h"
#include "http/rate_limit_headers.h"
#include "http/server.h"
#include "http/url_text.h"
#include "tests/support/http_client.h"

namespace tollgate::http {
namespace {

using testing::HttpClient;

Task<Response> say(std::string text_of_it) {
  co_return text(std::move(text_of_it));
}

class Routing : public ::testing::Test {
 protected:
  Routing() {
    router_.add("GET /api/items/{id}", {}, [](Request& r) { return say(str::cat("item ", r.param("id"))); });
    router_.add("GET /api/items/all", {}, [](Request&) { return say("all"); });
    router_.add("PUT /api/items/{id}", {.max_body_bytes = 10},
                [](Request& r) { return say(str::cat("put ", r.body())); });
    router_.add("GET /api/query", {}, [](Request& r) { return say(std::string(r.query("q").value_or("none"))); });
    server_ = *Server::start({&thread_}, router_, {.address = {.ip = IpAddress::v4({127, 0, 0, 1})}, .timeouts = {}});
  }
  testing::HttpReply call(const std::string& method, const std::string& target, const std::string& body = {}) {
    return HttpClient(server_->address()).call({.method = method, .target = target, .body = body});
  }

  Router router_;
  runtime::LoopThread thread_{"test"};
  std::unique_ptr<Server> server_;
};

TEST_F(Routing, TheMoreLiteralPatternWins) {
  EXPECT_EQ(call("GET", "/api/items/all").body, "all");
  EXPECT_EQ(call("GET", "/api/items/all%20").body, "item all ");
  EXPECT_EQ(call("GET", "/api/items/a%2Fb").body, "item a/b");
}

TEST(Mounting, AddsTheOthersReadsBehindAGuardOfItsOwnAndReplacesNothing) {
  Router other;
  other.add("GET /api/shared", {}, [](Request&) { return say("other's"); });
  other.add("GET /api/secret", {}, [](Request&) { return say("secret"); });
  other.add("POST /api/secret", {}, [](Request&) { return say("written"); });
  Router router;
  router.add("GET /api/shared", {}, [](Request&) { return say("own"); });
  router.mount_reads(other, [](Request&) -> Task<Result<void>> { co_return fail(codes::forbidden); });
  EXPECT_EQ(router.patterns(), (std::vector<std::string>{"GET /api/secret", "GET /api/shared"}));
  runtime::LoopThread thread("test");
  const auto server =
      *Server::start({&thread}, router, {.address = {.ip = IpAddress::v4({127, 0, 0, 1})}, .timeouts = {}});
  EXPECT_EQ(HttpClient(server->address()).get("/api/shared").body, "own");
  EXPECT_EQ(HttpClient(server->address()).get("/api/secret").status, 403);
}

TEST_F(Routing, VersionOneIsTheSameAsNoVersion) {
  EXPECT_EQ(call("GET", "/api/v1/items/7").body, "item 7");
  EXPECT_EQ(call("GET", "/api/v2/items/7").status, 404);
}

TEST_F(Routing, OtherMethodsAre405WithAllowAndOtherPaths404) {
  const auto reply = call("DELETE", "/api/items/7");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.header("Allow"), "GET, PUT");
  EXPECT_EQ(call("GET", "/api/items").status, 404);
  EXPECT_EQ(call("GET", "/api/items/7/8").status, 404);
}

TEST_F(Routing, HeadIsGetWithoutABody) {
  const auto reply = call("HEAD", "/api/items/7");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Length"), "6");
}

TEST_F(Routing, AQueryParameterIsGivenOnceAndDecoded) {
  EXPECT_EQ(call("GET", "/api/query?q=a+b%26c").body, "a b&c");
  EXPECT_EQ(call("GET", "/api/query?q=1&q=2").status, 400);
  EXPECT_EQ(call("GET", "/api/query?q=%zz").status, 400);
}

TEST_F(Routing, AQueryOfManyParametersIsRefusedBeforeTheyAreCompared) {
  std::string query = "q=1";
  for (int i = 1; i < 64; ++i) str::append(query, "&p", i);
  EXPECT_EQ(call("GET", "/api/query?" + query).status, 200);
  const auto refused = call("GET", "/api/query?" + query + "&one-more");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("64 parameters"), std::string::npos) << refused.body;
}

TEST_F(Routing, ABodyThatIsTooLargeIs413) {
  EXPECT_EQ(call("PUT", "/api/items/7", "ten bytes!").body, "put ten bytes!");
  EXPECT_EQ(call("PUT", "/api/items/7", "eleven byte").status, 413);
}

Task<Result<FetchResponse>> fetch_from(UpstreamPool& pool, std::string target) {
  FetchRequest request;
  request.target = std::move(target);
  auto result = co_await fetch(pool, std::move(request));
  co_return std::move(result);
}

TEST_F(Routing, FetchGetsAWholeAnswerAndReusesItsConnection) {
  std::unique_ptr<UpstreamPool> pool;
  const UpstreamTarget target = *parse_service_url(server_->url());
  thread_.call([&] { pool = std::make_unique<UpstreamPool>(thread_.loop(), UpstreamPool::Options{.target = target}); });
  for (int i = 0; i < 3; ++i) {
    const auto got = thread_.await([&] { return fetch_from(*pool, "/api/items/7"); });
    ASSERT_TRUE(got);
    EXPECT_EQ(got->body, "item 7");
  }
  EXPECT_EQ(thread_.await([&] { return fetch_from(*pool, "/nowhere"); })->status, 404);
  EXPECT_EQ(pool->connects(), 1U);
  server_.reset();
  const auto refused = thread_.await([&] { return fetch_from(*pool, "/api/items/7"); });
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::upstream_connect_failed));
  thread_.call([&] { pool.reset(); });
}

TEST(RateLimitHeaders, NeverPromiseATooEarlyMoment) {
  EXPECT_EQ(seconds_rounded_up(Nanos(0)), 0U);
  EXPECT_EQ(seconds_rounded_up(Nanos(1)), 1U);
  EXPECT_EQ(seconds_rounded_up(Seconds(3)), 3U);
  EXPECT_EQ(seconds_rounded_up(Seconds(3) + Nanos(1)), 4U);
  std::string lines;
  append_retry_after_line(lines, Nanos(1));
  EXPECT_EQ(lines, "Retry-After: 1\r\n");
}

TEST(HttpDate, IsInTheFormOfTheStandard) {
  EXPECT_EQ(http_date(WallTime(Seconds(784'887'151))), "Tue, 15 Nov 1994 08:12:31 GMT");
  EXPECT_EQ(http_date(WallTime(Seconds(784'887'152))), "Tue, 15 Nov 1994 08:12:32 GMT");
}

TEST(UrlText, DecodesWhatIsWellFormedAndNothingElse) {
  EXPECT_EQ(percent_decode("a%2fb+c", false), "a/b+c");
  EXPECT_EQ(percent_decode("a+c", true), "a c");
  for (const char* bad : {"%", "%2", "%zz", "%00"}) EXPECT_EQ(percent_decode(bad, false), std::nullopt) << bad;
  EXPECT_EQ(percent_encode("a/ b~"), "a%2F%20b~");
}

TEST(ServiceUrl, IsSchemeHostAndPortAndNothingElse) {
  EXPECT_EQ(parse_service_url("http://[::1]:80")->host, "::1");
  EXPECT_EQ(parse_service_url("http://a:8080/")->port, 8080);
  for (const char* bad : {"https://a", "a:80", "http://", "http://a:0", "http://a:80/x", "http://u@a"}) {
    EXPECT_FALSE(parse_service_url(bad)) << bad;
  }
}

}  // namespace
}  // namespace tollgate::http
