// The table against an oracle that tries every route and compares specificities as route_table.h words them.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/str.h"
#include "core/route/route_pattern.h"
#include "core/route/route_table.h"

namespace tollgate::core {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  std::string segment;
  for (const char c : path.substr(1)) {
    if (c == '/')
      segments.push_back(std::exchange(segment, {}));
    else
      segment += c;
  }
  if (!segment.empty()) segments.push_back(segment);
  return segments;
}

// Smaller is more specific. Host: 0 exact, then suffixes by falling length, then any. Path: 0 literal, 1 wildcard, 2
// end of the pattern where the path ends, 3 "**".
using Rank = std::vector<int>;

std::optional<int> host_rank(const Route& route, const std::string& host) {
  if (route.hosts.empty()) return 1000;
  std::optional<int> best;
  for (const std::string& pattern : route.hosts) {
    const bool suffix =
        pattern.starts_with("*.") && host.size() > pattern.size() - 1 && host.ends_with(pattern.substr(1));
    if (pattern != host && !suffix) continue;
    const int rank = pattern == host ? 0 : 500 - static_cast<int>(pattern.size());
    best = std::min(best.value_or(rank), rank);
  }
  return best;
}

std::optional<Rank> path_rank(const std::string& pattern, const std::vector<std::string>& path) {
  const std::vector<std::string> segments = split(pattern);
  Rank rank;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i] == "**") {
      rank.push_back(3);
      return rank;
    }
    if (i == path.size()) return std::nullopt;
    if (segments[i] != "*" && segments[i] != path[i]) return std::nullopt;
    rank.push_back(segments[i] == "*" ? 1 : 0);
  }
  if (segments.size() != path.size()) return std::nullopt;
  rank.push_back(2);
  return rank;
}

int method_rank(const Route& route, MethodBit method) {
  if (route.methods == kAnyMethod) return 2;
  return (route.methods & method) != 0 ? 0 : 1;
}

struct Request {
  std::string host;
  std::string path;
  MethodBit method;
};

RouteMatch oracle(const std::vector<Route>& routes, const Request& request) {
  RouteMatch best;
  std::optional<Rank> best_rank;
  MethodSet allowed = 0;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const auto host = host_rank(routes[i], request.host);
    auto rank = path_rank(routes[i].path, split(request.path));
    if (!host || !rank) continue;
    const auto takes = static_cast<MethodSet>(routes[i].methods | ((routes[i].methods & kGet) != 0 ? kHead : 0));
    allowed = static_cast<MethodSet>(allowed | takes);
    if ((takes & request.method) == 0) continue;
    rank->insert(rank->begin(), *host);
    rank->push_back(method_rank(routes[i], request.method));
    if (best_rank && *best_rank <= *rank) continue;
    best_rank = *rank;
    best.route = static_cast<std::int32_t>(i);
  }
  if (best.route < 0) best.allowed = allowed;
  return best;
}

std::string random_path(bool pattern) {
  std::string path;
  const auto depth = *rc::gen::inRange(0, 5);
  for (int i = 0; i < depth; ++i) {
    path += "/" + *rc::gen::element<std::string>("a", "b", pattern ? "*" : "c", pattern ? "*" : "ab");
  }
  if (pattern && *rc::gen::inRange(0, 3) == 0) path += "/**";
  return path.empty() ? "/" : path;
}

const std::vector<std::string> kHosts = {"x.com", "a.x.com", "b.a.x.com", "y.com"};
const std::vector<std::string> kHostPatterns = {"x.com", "a.x.com", "*.x.com", "*.a.x.com", "*.com"};
const std::vector<MethodBit> kMethods = {kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther};

MethodSet random_methods() {
  if (*rc::gen::inRange(0, 2) == 0) return kAnyMethod;
  return static_cast<MethodSet>(*rc::gen::elementOf(kMethods) | *rc::gen::elementOf(kMethods));
}

// Routes that do not tie: each is kept only if the table still builds with it.
std::vector<Route> random_routes() {
  std::vector<Route> routes;
  const auto wanted = *rc::gen::inRange(1, 25);
  for (int i = 0; i < wanted; ++i) {
    Route route;
    route.name = str::cat("r", i);
    route.path = random_path(true);
    route.methods = random_methods();
    if (*rc::gen::inRange(0, 3) == 0) route.hosts = {*rc::gen::elementOf(kHostPatterns)};
    std::vector<Route> with = routes;
    with.push_back(route);
    if (RouteTable::build(with)) routes = std::move(with);
  }
  return routes;
}

RC_GTEST_PROP(RouteTableProperty, ChoosesWhatTryingEveryRouteWouldChoose, ()) {
  const std::vector<Route> routes = random_routes();
  const auto table = RouteTable::build(routes);
  RC_ASSERT(table.has_value());
  for (int i = 0; i < 40; ++i) {
    const Request request{*rc::gen::elementOf(kHosts), random_path(false), *rc::gen::elementOf(kMethods)};
    const RouteMatch expected = oracle(routes, request);
    const RouteMatch found = table->match(request.host, request.path, request.method);
    RC_LOG() << request.host << ' ' << request.path << ' ' << request.method << '\n';
    RC_ASSERT(found.route == expected.route);
    RC_ASSERT(found.allowed == expected.allowed);
  }
}

RC_GTEST_PROP(RouteTableProperty, TheOrderOfRoutesDoesNotMatter, ()) {
  const std::vector<Route> routes = random_routes();
  std::vector<Route> reversed(routes.rbegin(), routes.rend());
  const auto one = RouteTable::build(routes);
  const auto other = RouteTable::build(reversed);
  RC_ASSERT(one.has_value() && other.has_value());
  const Request request{*rc::gen::elementOf(kHosts), random_path(false), *rc::gen::elementOf(kMethods)};
  const RouteMatch first = one->match(request.host, request.path, request.method);
  const RouteMatch second = other->match(request.host, request.path, request.method);
  RC_ASSERT(first.allowed == second.allowed);
  const auto last = static_cast<std::int32_t>(routes.size()) - 1;
  RC_ASSERT(second.route == (first.route < 0 ? -1 : last - first.route));
}

}  // namespace
}  // namespace tollgate::core
