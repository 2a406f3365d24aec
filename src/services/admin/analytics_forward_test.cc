#include "services/admin/analytics_forward.h"

#include "http/stream.h"
#include "services/admin/harness_test.h"
#include "tests/support/fake_server.h"

namespace tollgate::services {
namespace {

using testing::HttpReply;

// Stands for analytics: says what it was asked, and has a stream.
class Analytics {
 public:
  Analytics() {
    router.add("GET /api/analytics/top", {.guard = http::service_token_guard(std::string(kTestServiceToken))},
               [](http::Request& request) { return answer(request); });
    router.add("GET /api/analytics/api-keys/{key}", {}, [](http::Request& request) { return missing(request); });
    router.add("POST /api/analytics/log", {}, [](http::Request& request) { return answer(request); });
    router.add_stream("GET /api/analytics/live", {}, [this](http::Request& request) { return live(request); });
    server = *http::Server::start({&thread}, router, {.address = {IpAddress::v4({127, 0, 0, 1}), 0}});
  }

  http::Router router;
  std::atomic<bool> ended{false};
  runtime::LoopThread thread{"analytics"};
  std::unique_ptr<http::Server> server;

 private:
  static Task<http::Response> answer(http::Request& request) {
    co_return http::json(str::cat(R"({"asked":")", request.exchange().query(), R"("})"));
  }
  static Task<http::Response> missing(http::Request& request) {
    co_return http::problem(Error(codes::key_not_found), request.id());
  }
  Task<void> live(http::Request& request) {
    http::StreamedResponse stream(request.exchange());
    bool there = co_await stream.begin("text/event-stream");
    const std::string event = str::cat("data: after ", request.header("Last-Event-ID"), "\n\n");
    while (there && !stream.should_end()) {
      there = co_await stream.write(event);
      co_await stream.wait_until(request.loop().now() + Millis(10));
    }
    co_await stream.end();
    ended = true;
  }
};

void expect_reads_under_admins_origin(AdminHarness& admin) {
  const std::string cookie = admin.cookie();
  const auto get = [&](const std::string& target) {
    return admin.call({.target = target, .headers = {{"Cookie", cookie}, {"Last-Event-ID", "7-9"}}});
  };
  EXPECT_EQ(get("/api/analytics/top?by=key&n=3").body, R"({"asked":"by=key&n=3"})");
  EXPECT_EQ(get("/api/v1/analytics/top").status, 200);
  const HttpReply missing = get("/api/analytics/api-keys/0123456789");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(AdminHarness::text(missing, "code"), "key_not_found");
  EXPECT_EQ(missing.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(missing.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(get("/api/analytics/nothing").status, 404);
  EXPECT_EQ(admin.call({.target = "/api/analytics/top"}).status, 401);
  EXPECT_NE(admin.from_page(cookie, "POST", "/api/analytics/log", "{}").status, 200) << "reads alone";
}

// A stream reaches its reader as it comes, and ends with the reader.
void expect_stream(AdminHarness& admin, Analytics& analytics) {
  {
    testing::HttpClient client(admin.server->address());
    client.send(str::cat(
        "GET /api/analytics/live HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 7-9\r\nCookie: ", admin.cookie(), "\r\n\r\n"));
    const HttpReply head = client.read_head();
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Type"), "text/event-stream");
    EXPECT_EQ(head.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(head.header("Cache-Control"), "no-store");
    for (int i = 0; i < 3; ++i) EXPECT_NE(client.read_until("\n\n").find("after 7-9"), std::string::npos);
  }
  while (!analytics.ended) std::this_thread::yield();
}

TEST(AnalyticsReads, AreServedByAdminInOneProcess) {
  Analytics analytics;
  AdminHarness admin({.analytics = &analytics.router});
  expect_reads_under_admins_origin(admin);
  expect_stream(admin, analytics);
}

TEST(AnalyticsReads, ArePassedOnWhereAnalyticsIsAnotherProcess) {
  Analytics analytics;
  AdminHarness admin({.analytics_url = analytics.server->url()});
  expect_reads_under_admins_origin(admin);
  expect_stream(admin, analytics);
}

TEST(AnalyticsReads, AreUnavailableWhileAnalyticsIsAway) {
  AdminHarness admin({.analytics_url = testing::FakeServer::refusing_url()});
  const HttpReply reply = admin.call({.target = "/api/analytics/top", .headers = {{"Cookie", admin.cookie()}}});
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(AdminHarness::text(reply, "code"), "store_unavailable");
}

TEST(AnalyticsReads, CutShortAreNotTakenForWhole) {
  testing::FakeServer broken([](const testing::FakeRequest&) {
    return testing::FakeReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 9\r\n\r\na,b",
                              .then = testing::FakeReply::Then::close};
  });
  AdminHarness admin({.analytics_url = broken.url()});
  EXPECT_THROW(admin.call({.target = "/api/analytics/top", .headers = {{"Cookie", admin.cookie()}}}),
               std::runtime_error);
}

}  // namespace
}  // namespace tollgate::services
