#include "core/route/route_table.h"

#include <gtest/gtest.h>

#include "base/str.h"

namespace tollgate::core {
namespace {

Route route(std::string name, std::string path, MethodSet methods = kAnyMethod, std::vector<std::string> hosts = {}) {
  Route made;
  made.name = std::move(name);
  made.path = std::move(path);
  made.methods = methods;
  made.hosts = std::move(hosts);
  made.upstreams = {{"127.0.0.1", 9000}};
  return made;
}

RouteTable build(std::vector<Route> routes) {
  auto table = RouteTable::build(std::move(routes));
  EXPECT_TRUE(table) << table.error().detail();
  return *std::move(table);
}

std::string build_error(std::vector<Route> routes) {
  const auto table = RouteTable::build(std::move(routes));
  if (table) return "";
  EXPECT_TRUE(table.error().is(codes::config_invalid));
  return table.error().detail();
}

struct Asked {
  std::string_view path;
  MethodBit method = kGet;
  std::string_view host = "example.com";
};

std::string chosen(const RouteTable& table, const Asked& asked) {
  const RouteMatch match = table.match(asked.host, asked.path, asked.method);
  if (match.route >= 0) return table.routes()[static_cast<std::size_t>(match.route)].name;
  return match.allowed == 0 ? "404" : "405";
}

TEST(RouteTable, AnEmptyTableMatchesNothing) {
  EXPECT_EQ(chosen(build({}), {"/"}), "404");
}

TEST(RouteTable, LiteralBeatsWildcardBeatsRest) {
  const RouteTable table = build(
      {route("rest", "/api/**"), route("one", "/api/*"), route("literal", "/api/orders"), route("id", "/api/{id}/x")});
  EXPECT_EQ(chosen(table, {"/api/orders"}), "literal");
  EXPECT_EQ(chosen(table, {"/api/users"}), "one");
  EXPECT_EQ(chosen(table, {"/api/users/x"}), "id");
  EXPECT_EQ(chosen(table, {"/api/users/y"}), "rest");
  EXPECT_EQ(chosen(table, {"/api"}), "rest");
  EXPECT_EQ(chosen(table, {"/apis"}), "404");
  EXPECT_EQ(chosen(table, {"/"}), "404");
}

TEST(RouteTable, ComesBackFromALiteralBranchThatEndsNowhere) {
  const RouteTable table = build({route("deep", "/a/b/c/d"), route("wild", "/a/*/c/e"), route("rest", "/*/b/**")});
  EXPECT_EQ(chosen(table, {"/a/b/c/d"}), "deep");
  EXPECT_EQ(chosen(table, {"/a/b/c/e"}), "wild");
  EXPECT_EQ(chosen(table, {"/a/b/c/f"}), "rest");
  EXPECT_EQ(chosen(table, {"/a/x/c/f"}), "404");
}

TEST(RouteTable, ASlashAtTheEndChangesNothing) {
  const RouteTable table = build({route("exact", "/a/b"), route("one", "/a/*"), route("rest", "/**", kPost)});
  EXPECT_EQ(chosen(table, {"/a/b/"}), "exact");
  EXPECT_EQ(chosen(table, {"/a/"}), "405");
  EXPECT_EQ(chosen(table, {"//a//b"}), "exact");
}

TEST(RouteTable, ExactHostBeatsLongerSuffixBeatsShorterBeatsAny) {
  const RouteTable table = build({route("any", "/**"), route("short", "/**", kAnyMethod, {"*.example.com"}),
                                  route("long", "/**", kAnyMethod, {"*.eu.example.com"}),
                                  route("exact", "/x", kAnyMethod, {"api.eu.example.com", "[::1]"})});
  EXPECT_EQ(chosen(table, {.path = "/x", .host = "api.eu.example.com"}), "exact");
  EXPECT_EQ(chosen(table, {.path = "/x", .host = "API.EU.Example.COM."}), "exact");
  EXPECT_EQ(chosen(table, {.path = "/x", .host = "[::1]"}), "exact");
  EXPECT_EQ(chosen(table, {.path = "/y", .host = "api.eu.example.com"}), "long");
  EXPECT_EQ(chosen(table, {.path = "/y", .host = "a.b.c.eu.example.com"}), "long");
  EXPECT_EQ(chosen(table, {.path = "/y", .host = "eu.example.com"}), "short");
  EXPECT_EQ(chosen(table, {.path = "/y", .host = "example.com"}), "any");
  EXPECT_EQ(chosen(table, {.path = "/y", .host = ".example.com"}), "any");
  EXPECT_EQ(chosen(table, {.path = "/y", .host = "badexample.com"}), "any");
  EXPECT_EQ(chosen(table, {.path = "/y", .host = ""}), "any");
  EXPECT_EQ(chosen(table, {.path = "/y", .host = std::string(300, 'a') + ".example.com"}), "any");
}

TEST(RouteTable, ARouteThatDoesNotTakeTheMethodHidesNoOther) {
  const RouteTable table =
      build({route("read", "/api/orders", kGet), route("write", "/api/*", kPost | kPut),
             route("host", "/api/**", kDelete, {"example.com"}), route("rest", "/api/**", kPatch)});
  EXPECT_EQ(chosen(table, {"/api/orders", kGet}), "read");
  EXPECT_EQ(chosen(table, {"/api/orders", kPost}), "write");
  EXPECT_EQ(chosen(table, {"/api/orders", kPatch}), "rest");
  EXPECT_EQ(chosen(table, {"/api/orders", kDelete}), "host");
  const RouteMatch none = table.match("example.com", "/api/orders", kOptions);
  EXPECT_EQ(none.route, -1);
  EXPECT_EQ(none.allowed, kGet | kHead | kPost | kPut | kDelete | kPatch);
  EXPECT_EQ(table.match("other.com", "/api/users", kOptions).allowed, kPost | kPut | kPatch);
}

TEST(RouteTable, NamingAMethodBeatsTakingAny) {
  const RouteTable table = build({route("any", "/a"), route("post", "/a", kPost), route("get", "/a", kGet)});
  EXPECT_EQ(chosen(table, {"/a", kPost}), "post");
  EXPECT_EQ(chosen(table, {"/a", kPut}), "any");
  EXPECT_EQ(chosen(table, {"/a", kHead}), "get");
}

TEST(RouteTable, HeadIsServedByTheRouteThatTakesGetUnlessOneNamesIt) {
  const RouteTable table = build({route("get", "/a", kGet), route("get2", "/b", kGet), route("head2", "/b", kHead)});
  EXPECT_EQ(chosen(table, {"/a", kHead}), "get");
  EXPECT_EQ(chosen(table, {"/b", kHead}), "head2");
  EXPECT_EQ(chosen(table, {"/b", kGet}), "get2");
}

TEST(RouteTable, UnknownMethodsAreNotTakenByRoutesThatNameNone) {
  EXPECT_EQ(chosen(build({route("any", "/**")}), {"/", kOther}), "405");
}

TEST(RouteTable, WhatIsNotAPathMatchesNothing) {
  const RouteTable table = build({route("all", "/**")});
  for (const std::string_view path : {"", "*", "a"}) EXPECT_EQ(chosen(table, {path}), "404") << path;
}

TEST(RouteTable, RefusesATieAndSaysWhichRequestBothMatch) {
  EXPECT_EQ(build_error({route("a", "/orders/{id}"), route("b", "/orders/*")}),
            "routes \"a\" and \"b\" tie: both match GET /orders/x; make one path or host more specific, or give them "
            "different "
            "methods");
  EXPECT_NE(
      build_error({route("a", "/o/**", kPut | kPost, {"x.com", "*.y.com"}), route("b", "/o/**", kPut, {"*.y.com"})})
          .find("PUT http://x.y.com/o/x"),
      std::string::npos);
  EXPECT_NE(build_error({route("a", "/", kGet, {"x.com", "x.com"})}).find("twice"), std::string::npos);
}

TEST(RouteTable, RefusesMalformedRoutes) {
  EXPECT_NE(build_error({route("a", "no-slash")}).find("route \"a\": path"), std::string::npos);
  EXPECT_NE(build_error({route("a", "/", kAnyMethod, {"A.com"})}).find("route \"a\": host"), std::string::npos);
  EXPECT_NE(build_error({route("a", "/x"), route("a", "/y")}).find("used twice"), std::string::npos);
  EXPECT_NE(build_error({route("", "/x")}).find("no name"), std::string::npos);
  EXPECT_NE(build_error({route("a", "/x", 0)}).find("takes no method"), std::string::npos);
  EXPECT_NE(build_error(std::vector<Route>(65'536, route("a", "/x"))).find("65535"), std::string::npos);
}

// Ten segments, each literal or wildcard in every combination: 2¹¹ − 1 steps for a request that matches none of them.
TEST(RouteTable, RefusesPathsThatWouldMakeOneRequestSearchWithoutBound) {
  const auto combinations = [](std::size_t depth) {
    std::vector<Route> routes;
    for (std::size_t bits = 0; bits < std::size_t{1} << depth; ++bits) {
      std::string path;
      for (std::size_t i = 0; i < depth; ++i) path += (bits >> i & 1) != 0 ? "/a" : "/*";
      routes.push_back(route(str::cat("r", bits), path + "/end"));
    }
    return routes;
  };
  EXPECT_NE(build_error(combinations(10)).find("overlap too much"), std::string::npos);
  EXPECT_EQ(build_error(combinations(6)), "");
}

TEST(RouteTable, HoldsAsManyRoutesAsItSays) {
  std::vector<Route> routes;
  for (int i = 0; i < 65'535; ++i) routes.push_back(route(str::cat("r", i), str::cat("/s", i % 251, "/", i, "/**")));
  const RouteTable table = build(std::move(routes));
  EXPECT_EQ(chosen(table, {str::cat("/s", 65'534 % 251, "/", 65'534, "/x/y")}), "r65534");
}

}  // namespace
}  // namespace tollgate::core
