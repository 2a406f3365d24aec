#include "http/static_file.h"

#include <gtest/gtest.h>

#include "http/router.h"
#include "http/server.h"
#include "tests/support/http_client.h"

namespace tollgate::http {
namespace {

using testing::Headers;
using testing::HttpClient;
using testing::HttpReply;

constexpr StaticFile kScript{
    .path = "/assets/app-1.js", .digest = "d1", .plain = "plain text", .brotli = "BR", .gzip = "GZIP"};
constexpr StaticFile kImage{.path = "/dot.png", .digest = "d2", .plain = "image", .brotli = {}, .gzip = {}};

class StaticFiles : public ::testing::Test {
 protected:
  StaticFiles() {
    router_.add("GET /script", {}, [](Request& r) { return answer(r, kScript, Keep::for_ever); });
    router_.add("GET /image", {}, [](Request& r) { return answer(r, kImage, Keep::ask_again); });
    server_ = *Server::start({&thread_}, router_, {.address = {.ip = IpAddress::v4({127, 0, 0, 1})}, .timeouts = {}});
  }
  static Task<Response> answer(Request& request, const StaticFile& file, Keep keep) {
    co_return static_response(request, file, keep);
  }
  HttpReply get(const std::string& target, Headers headers = {}) {
    return HttpClient(server_->address()).get(target, std::move(headers));
  }

  Router router_;
  runtime::LoopThread thread_{"test"};
  std::unique_ptr<Server> server_;
};

TEST_F(StaticFiles, GoInTheSmallestCodingThatTheClientTakes) {
  struct Case {
    const char* accepted;
    const char* body;
    const char* coding;
  };
  for (const auto& [accepted, body, coding] :
       {Case{"", "plain text", ""}, Case{"gzip, deflate, br", "BR", "br"}, Case{"gzip", "GZIP", "gzip"},
        Case{"br;q=0, gzip;q=0.5", "GZIP", "gzip"}, Case{"BR ; q=1.0", "BR", "br"},
        Case{"br;q=0.000", "plain text", ""}, Case{"br;q=0.001", "BR", "br"},
        Case{"brotli, xgzip, *", "plain text", ""}, Case{",,gzip,", "GZIP", "gzip"}}) {
    const HttpReply reply = get("/script", {{"Accept-Encoding", accepted}});
    EXPECT_EQ(reply.status, 200) << accepted;
    EXPECT_EQ(reply.body, body) << accepted;
    EXPECT_EQ(reply.header("Content-Encoding"), coding) << accepted;
    EXPECT_EQ(reply.header("Content-Type"), "text/javascript; charset=utf-8") << accepted;
    EXPECT_EQ(reply.header("Vary"), "Accept-Encoding") << accepted;
  }
  const HttpReply image = get("/image", {{"Accept-Encoding", "br, gzip"}});
  EXPECT_EQ(image.body, "image");
  EXPECT_FALSE(image.has("Vary"));
  EXPECT_EQ(image.header("Content-Type"), "image/png");
}

TEST_F(StaticFiles, AreNotSentAgainToWhoHasThem) {
  const std::string tag = get("/script", {{"Accept-Encoding", "br"}}).header("ETag");
  const auto again = [&](const std::string& has, const char* accepted = "br") {
    return get("/script", {{"Accept-Encoding", accepted}, {"If-None-Match", has}});
  };
  for (const std::string& has : {tag, "\"x\", " + tag, "W/" + tag, std::string("*")}) {
    const HttpReply reply = again(has);
    EXPECT_EQ(reply.status, 304) << has;
    EXPECT_EQ(reply.header("ETag"), tag) << has;
    EXPECT_EQ(reply.header("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_FALSE(reply.has("Content-Type"));
    EXPECT_TRUE(reply.body.empty());
  }
  EXPECT_EQ(again("\"x\"").status, 200);
  EXPECT_EQ(again(tag, "gzip").status, 200) << "other bytes, another tag";
}

TEST_F(StaticFiles, AreKeptForEverOrAskedAbout) {
  EXPECT_EQ(get("/script").header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(get("/image").header("Cache-Control"), "no-cache");
}

TEST_F(StaticFiles, HaveTheTypeOfTheirName) {
  EXPECT_EQ(content_type_of("/index.html"), "text/html; charset=utf-8");
  EXPECT_EQ(content_type_of("/a.css"), "text/css; charset=utf-8");
  EXPECT_EQ(content_type_of("/favicon.svg"), "image/svg+xml");
  EXPECT_EQ(content_type_of("/LICENSE"), "application/octet-stream");
}

}  // namespace
}  // namespace tollgate::http
