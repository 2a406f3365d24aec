// Which fields pass through, which are this hop's, and which only the gateway may write.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/str.h"
#include "tests/support/gateway_harness.h"

namespace tollgate::testing {
namespace {

class HeaderRules : public ::testing::Test {
 protected:
  HeaderRules() : upstream_(RecordingUpstream::always(ok_answer("x"))) {}

  // What the upstream got for this request.
  FakeRequest forwarded(GatewayHarness& gateway, const HttpCall& call, int status = 200) {
    EXPECT_EQ(gateway.call(call).status, status);
    const auto requests = upstream_.requests();
    return requests.empty() ? FakeRequest{} : requests.back();
  }

  RecordingUpstream upstream_;
};

bool names(const FakeRequest& request, std::string_view name) {
  std::string head = request.head;
  std::ranges::transform(head, head.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return head.find(str::cat("\r\n", name, ":")) != std::string::npos;
}

TEST_F(HeaderRules, FieldsOfThisHopAreNotForwarded) {
  GatewayHarness gateway({.config = {}, .upstream = upstream_.port()});
  const FakeRequest request = forwarded(gateway, {.headers = {{"Connection", "X-Hop, keep-alive"},
                                                              {"X-Hop", "1"},
                                                              {"Keep-Alive", "timeout=5"},
                                                              {"Proxy-Connection", "keep-alive"},
                                                              {"TE", "trailers"},
                                                              {"Trailer", "X-T"},
                                                              {"Upgrade", "websocket"},
                                                              {"Proxy-Authorization", "Basic eA=="},
                                                              {"X_Under", "1"},
                                                              {"X-End", "kept"}}});
  for (const char* name : {"connection", "x-hop", "keep-alive", "proxy-connection", "te", "trailer", "upgrade",
                           "proxy-authorization", "x_under"}) {
    EXPECT_FALSE(names(request, name)) << name;
  }
  EXPECT_EQ(request.header("X-End"), "kept");
}

TEST_F(HeaderRules, FieldsOfTheUpstreamsHopAreNotPassedOn) {
  upstream_.set_behaviour(RecordingUpstream::always(ok_answer(
      "x", "Connection: X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\nX-End: kept\r\nX-Request-Id: theirs\r\n")));
  GatewayHarness gateway({.config = {}, .upstream = upstream_.port()});
  const HttpReply reply = gateway.get("/");
  EXPECT_FALSE(reply.has("X-Secret"));
  EXPECT_FALSE(reply.has("Connection"));
  EXPECT_FALSE(reply.has("Keep-Alive"));
  EXPECT_EQ(reply.header("X-End"), "kept");
  EXPECT_EQ(reply.header("X-Request-Id").size(), 16U);
  EXPECT_EQ(reply.header("X-Request-Id"), upstream_.requests()[0].header("X-Request-Id"));
}

TEST_F(HeaderRules, AnApiKeyNeverReachesTheUpstream) {
  config::GatewayConfig config;
  config.routes = {open_route("open", "/open"), keyed_route("keyed", "/keyed")};
  GatewayHarness gateway({.config = config, .upstream = upstream_.port()});
  const TestKey key = gateway.keys.add("AAAAAAAAA1");
  for (const char* path : {"/open", "/keyed"}) {
    for (const auto& field : {std::pair<std::string, std::string>("X-API-Key", key.text),
                              {"x-api-key", key.text},
                              {"Authorization", "Bearer " + key.text},
                              {"authorization", "bearer " + key.text}}) {
      const FakeRequest request = forwarded(gateway, {.target = path, .headers = {field}});
      EXPECT_FALSE(names(request, "x-api-key") || names(request, "authorization")) << request.head;
      EXPECT_EQ(request.header("X-Tollgate-Key-Id"), path == std::string("/keyed") ? "AAAAAAAAA1" : "");
    }
  }
  for (const std::string& bytes : upstream_.received()) EXPECT_EQ(bytes.find(key.secret), std::string::npos);
}

TEST_F(HeaderRules, AnAuthorizationThatIsNotOursIsLeftAlone) {
  config::GatewayConfig config;
  config.routes = {keyed_route("keyed", "/**")};
  GatewayHarness gateway({.config = config, .upstream = upstream_.port()});
  const TestKey key = gateway.keys.add("AAAAAAAAA1");
  const FakeRequest request =
      forwarded(gateway, {.headers = {{"X-API-Key", key.text}, {"Authorization", "Bearer eyJ.other.token"}}});
  EXPECT_EQ(request.header("Authorization"), "Bearer eyJ.other.token");
}

TEST_F(HeaderRules, WhatAClientClaimsAboutItselfIsOverwritten) {
  GatewayHarness gateway({.config = {}, .upstream = upstream_.port()});
  const FakeRequest request = forwarded(gateway, {.headers = {{"Host", "shop.example"},
                                                              {"X-Forwarded-For", "6.6.6.6"},
                                                              {"X-Forwarded-Proto", "https"},
                                                              {"X-Forwarded-Host", "evil"},
                                                              {"X-Real-IP", "6.6.6.6"},
                                                              {"Forwarded", "for=6.6.6.6"},
                                                              {"X-Request-Id", "mine"},
                                                              {"X-Tollgate-Key-Id", "AAAAAAAAA1"},
                                                              {"x-tollgate-anything", "1"}}});
  EXPECT_EQ(request.header("X-Forwarded-For"), "127.0.0.1");
  EXPECT_EQ(request.header("X-Forwarded-Proto"), "http");
  EXPECT_EQ(request.header("X-Forwarded-Host"), "shop.example");
  EXPECT_EQ(request.header("X-Real-IP"), "127.0.0.1");
  EXPECT_EQ(request.header("Host"), "shop.example");
  EXPECT_NE(request.header("X-Request-Id"), "mine");
  EXPECT_FALSE(names(request, "forwarded") || names(request, "x-tollgate-key-id") ||
               names(request, "x-tollgate-anything"));
  EXPECT_EQ(request.head.find("6.6.6.6"), std::string::npos);
  EXPECT_EQ(request.head.find("evil"), std::string::npos);
}

TEST_F(HeaderRules, ATrustedProxyIsBelieved) {
  config::GatewayConfig config;
  config.trusted_proxies.push_back({.address = IpAddress::v4({127, 0, 0, 0}).bytes, .prefix = 104});
  GatewayHarness gateway({.config = config, .upstream = upstream_.port()});
  const FakeRequest request = forwarded(gateway, {.headers = {{"X-Forwarded-For", "6.6.6.6, 9.9.9.9"},
                                                              {"X-Forwarded-Proto", "https"},
                                                              {"X-Forwarded-Host", "shop.example"}}});
  EXPECT_EQ(request.header("X-Forwarded-For"), "6.6.6.6, 9.9.9.9, 127.0.0.1");
  EXPECT_EQ(request.header("X-Forwarded-Proto"), "https");
  EXPECT_EQ(request.header("X-Forwarded-Host"), "shop.example");
  EXPECT_EQ(request.header("X-Real-IP"), "9.9.9.9");  // the rightmost that no trusted proxy vouches for
}

TEST_F(HeaderRules, ViaIsAddedAndALoopEnds) {
  GatewayHarness gateway({.config = {}, .upstream = upstream_.port()});
  EXPECT_TRUE(forwarded(gateway, {}).head.find("\r\nVia: 1.1 tollgate\r\n") != std::string::npos);
  const FakeRequest request = forwarded(gateway, {.headers = {{"Via", "1.1 other"}}});
  EXPECT_NE(request.head.find("\r\nVia: 1.1 other\r\n"), std::string::npos);
  const std::size_t before = upstream_.requests().size();
  forwarded(gateway, {.headers = {{"Via", "1.1 tollgate, 1.1 tollgate"}, {"Via", "1.1 tollgate"}}}, 508);
  EXPECT_EQ(upstream_.requests().size(), before);
}

TEST_F(HeaderRules, AnAbsoluteTargetBecomesAPathAndItsAuthorityTheHost) {
  GatewayHarness gateway({.config = {}, .upstream = upstream_.port()});
  HttpClient client = gateway.client();
  client.send("GET http://shop.example:81/a?b=c HTTP/1.1\r\nHost: shop.example:81\r\n\r\n");
  EXPECT_EQ(client.read_reply().status, 200);
  EXPECT_EQ(upstream_.requests()[0].target, "/a?b=c");
  EXPECT_EQ(upstream_.requests()[0].header("Host"), "shop.example:81");
}

TEST_F(HeaderRules, ThePathIsForwardedAsItWasMatched) {
  config::GatewayConfig config;
  config.routes = {open_route("a", "/a/**"), keyed_route("secret", "/secret/**")};
  GatewayHarness gateway({.config = config, .upstream = upstream_.port()});
  const std::pair<const char*, const char*> paths[] = {{"/a//b/./c/../d", "/a/b/d"},
                                                       {"/secret/%2e%2e/a/%41%2f", "/a/A%2F"},
                                                       {"/a/%7euser?x=%7e//..", "/a/~user?x=%7e//.."}};
  for (const auto& [sent, normal] : paths) EXPECT_EQ(forwarded(gateway, {.target = sent}).target, normal);
  EXPECT_EQ(gateway.get("/a/../secret/x").status, 401);
  EXPECT_EQ(gateway.get("/a/%2e%2E/secret/x").status, 401);
}

TEST_F(HeaderRules, OptionsGoesAsFarAsMaxForwardsSays) {
  GatewayHarness gateway({.config = {}, .upstream = upstream_.port()});
  const auto options = [](std::string left) {
    return HttpCall{.method = "OPTIONS", .target = "/a", .headers = {{"Max-Forwards", std::move(left)}}};
  };
  const HttpReply reply = gateway.call(options("0"));
  EXPECT_EQ(reply.status, 204);
  EXPECT_NE(reply.header("Allow").find("OPTIONS"), std::string::npos);
  EXPECT_EQ(upstream_.bytes(), 0U);
  EXPECT_EQ(gateway.log.records()[0].method, static_cast<std::uint8_t>(codec::Method::options));
  EXPECT_EQ(forwarded(gateway, options("5")).header("Max-Forwards"), "4");
  EXPECT_EQ(forwarded(gateway, options("99999999999999999999999")).header("Max-Forwards"), "18446744073709551614");
  // Of other methods it means nothing (RFC 9110 §7.6.2).
  EXPECT_EQ(forwarded(gateway, {.headers = {{"Max-Forwards", "0"}}}).header("Max-Forwards"), "0");
}

TEST_F(HeaderRules, AnotherSpellingOfALocalPathIsNeitherAnsweredNorForwarded) {
  GatewayHarness gateway({.config = {}, .upstream = upstream_.port()});
  for (const char* path : {"//metrics", "/%6Detrics", "/a/../healthz", "/./version"}) {
    EXPECT_EQ(gateway.get(path).status, 404) << path;
  }
  EXPECT_EQ(upstream_.bytes(), 0U);
}

TEST_F(HeaderRules, AnUpstreamsOwnRateLimitFieldsDoNotContradictOurs) {
  upstream_.set_behaviour(RecordingUpstream::always(ok_answer(
      "x",
      "RateLimit: \"theirs\";r=7\r\nratelimit-policy: \"theirs\"\r\nX-RateLimit-Limit: 7\r\nRateLimited: kept\r\n")));
  config::GatewayConfig config;
  config.routes = {keyed_route("keyed", "/keyed"), open_route("open", "/open")};
  GatewayHarness gateway({.config = config, .upstream = upstream_.port()});
  const TestKey key = gateway.keys.add("aaaaaaaaaa");
  const HttpReply limited = gateway.get("/keyed", {{"X-API-Key", key.text}});
  const auto fields = [&](std::string_view name) {
    return std::ranges::count_if(limited.headers, [&](const auto& field) { return str::iequals(field.first, name); });
  };
  EXPECT_EQ(fields("RateLimit"), 1);
  EXPECT_EQ(fields("RateLimit-Policy"), 1);
  EXPECT_EQ(fields("X-RateLimit-Limit"), 1);
  EXPECT_EQ(limited.header("X-RateLimit-Limit"), "100");
  EXPECT_EQ(limited.header("RateLimited"), "kept");
  EXPECT_EQ(gateway.get("/open").header("X-RateLimit-Limit"), "7");  // where we have nothing to say
}

}  // namespace
}  // namespace tollgate::testing
