// A browser's session against the whole binary: where it is good, and that it outlives a restart.
#include <gtest/gtest.h>
#include <signal.h>

#include "base/str.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

HttpReply sign_in(const TollgateProcess& tollgate) {
  return tollgate.call("admin",
                       {.method = "POST",
                        .target = "/api/admin/sessions",
                        .headers = {{"Content-Type", "application/json"}, {"Sec-Fetch-Site", "same-origin"}},
                        .body = str::cat(R"({"username":"admin","password":")", tollgate.password(), R"("})")});
}

std::string cookie_of(const HttpReply& signed_in) {
  const std::string set = signed_in.header("Set-Cookie");
  return set.substr(0, set.find(';'));
}

HttpReply with_cookie(const TollgateProcess& tollgate, const std::string& service, const std::string& cookie,
                      const std::string& target) {
  return tollgate.call(service, {.target = target, .headers = {{"Cookie", cookie}}});
}

TEST(Sessions, OpenAdminAndAnalyticsUnderAdminsOriginAndNoOtherPort) {
  const TempDir dir;
  TollgateProcess tollgate({.data_dir = dir.file("data")});
  const HttpReply signed_in = sign_in(tollgate);
  ASSERT_EQ(signed_in.status, 201) << signed_in.body;
  const std::string cookie = cookie_of(signed_in);
  EXPECT_EQ(Json(with_cookie(tollgate, "admin", cookie, "/api/admin/me").body)["via"].text(), "session");
  const HttpReply stats = with_cookie(tollgate, "admin", cookie, "/api/analytics/system-stats");
  EXPECT_EQ(stats.status, 200) << stats.body;
  EXPECT_NO_THROW((void)Json(stats.body)["totalRequests"].uint());
  EXPECT_EQ(with_cookie(tollgate, "analytics", cookie, "/api/analytics/system-stats").status, 401);
  EXPECT_EQ(with_cookie(tollgate, "limiter", cookie, "/api/limiter/buckets/x").status, 401);
}

TEST(Sessions, OutliveAKillOfTheServer) {
  const TempDir dir;
  std::string cookie;
  {
    TollgateProcess tollgate({.data_dir = dir.file("data")});
    cookie = cookie_of(sign_in(tollgate));
    tollgate.kill();
  }
  TollgateProcess tollgate({.data_dir = dir.file("data")});
  EXPECT_EQ(with_cookie(tollgate, "admin", cookie, "/api/admin/me").status, 200);
}

TEST(Sessions, LiveFiguresReachTheBrowserThroughAdminsOrigin) {
  const TempDir dir;
  TollgateProcess tollgate({.data_dir = dir.file("data")});
  const std::string cookie = cookie_of(sign_in(tollgate));
  HttpClient client(tollgate.address("admin"));
  client.send(str::cat("GET /api/analytics/live?history=0 HTTP/1.1\r\nHost: a\r\nCookie: ", cookie, "\r\n\r\n"));
  EXPECT_EQ(client.read_head().header("Content-Type"), "text/event-stream");
  const CreatedKey key = tollgate.create_key(R"({"name":"a","tier":"free"})");
  EXPECT_EQ(tollgate.use(key.text).status, 200);
  while (client.read_until("\n\n").find(R"("requests":1)") == std::string::npos) continue;
}

}  // namespace
}  // namespace tollgate::testing
