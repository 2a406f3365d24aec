#include "services/admin/dashboard_pages.h"

#include "services/admin/harness_test.h"

namespace tollgate::services {
namespace {

using testing::HttpReply;

constexpr auto kFiles = std::to_array<http::StaticFile>({
    {.path = "/assets/app-1.js", .digest = "d1", .plain = "script", .brotli = "br", .gzip = "gz"},
    {.path = "/favicon.svg", .digest = "d2", .plain = "<svg/>", .brotli = {}, .gzip = {}},
    {.path = "/index.html", .digest = "d3", .plain = "<!doctype html>the page", .brotli = {}, .gzip = {}},
});
constexpr std::string_view kBrowser = "text/html,application/xhtml+xml,*/*;q=0.8";

HttpReply get(AdminHarness& admin, const std::string& target, std::string_view accept = kBrowser) {
  return admin.call({.target = target, .headers = {{"Accept", std::string(accept)}}});
}

TEST(DashboardPages, EveryPageIsTheOneDocumentAndEveryAssetIsKeptForEver) {
  AdminHarness admin({.dashboard = kFiles});
  for (const char* page : {"/", "/index.html", "/keys", "/keys/abc?tab=usage", "/system/audit", "/healthz/x"}) {
    const HttpReply reply = get(admin, page);
    EXPECT_EQ(reply.status, 200) << page;
    EXPECT_EQ(reply.body, "<!doctype html>the page") << page;
    EXPECT_EQ(reply.header("Content-Type"), "text/html; charset=utf-8") << page;
    EXPECT_EQ(reply.header("Cache-Control"), "no-cache") << page;
    EXPECT_NE(reply.header("Content-Security-Policy").find("script-src 'self'"), std::string::npos) << page;
  }
  const HttpReply script = get(admin, "/assets/app-1.js", "*/*");
  EXPECT_EQ(script.body, "script");
  EXPECT_EQ(script.header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(script.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(get(admin, "/favicon.svg", "image/*").header("Cache-Control"), "no-cache");
}

TEST(DashboardPages, WhatIsNotThereIsNotAPage) {
  AdminHarness admin({.dashboard = kFiles});
  for (const char* target : {"/assets/app-0.js", "/assets/../assets/none.js", "/api/admin/nothing", "/api", "/api/"}) {
    const HttpReply reply = get(admin, target);
    EXPECT_EQ(reply.status, 404) << target;
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json") << target;
  }
  EXPECT_EQ(get(admin, "/keys", "application/json").status, 404) << "no browser that goes to a page";
  EXPECT_EQ(admin.call({.method = "POST", .target = "/keys", .headers = {{"Accept", std::string(kBrowser)}}}).status,
            404);
  EXPECT_EQ(get(admin, "/api/admin/login").status, 405) << "that path is there, for another method";
}

TEST(DashboardPages, SayHowToBuildThemWhereTheyAreNotBuiltIn) {
  AdminHarness admin;
  for (const char* page : {"/", "/keys"}) {
    const HttpReply reply = get(admin, page);
    EXPECT_EQ(reply.status, 200);
    EXPECT_NE(reply.body.find("./dev build"), std::string::npos) << reply.body;
    EXPECT_EQ(reply.header("Cache-Control"), "no-store");
  }
}

}  // namespace
}  // namespace tollgate::services
