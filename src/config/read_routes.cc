#include "config/read_routes.h"

#include <algorithm>

#include "config/limit_rules.h"
#include "config/read_limits.h"
#include "config/values.h"
#include "core/route/route_pattern.h"
#include "core/route/route_table.h"

namespace tollgate::config {
namespace {

constexpr std::uint64_t kMaxCost = 1'000'000;
constexpr std::size_t kMaxUpstreams = 64;

Parsed<std::string> parse_path_match(std::string_view text) {
  if (const auto word = WordUpTo{2'000}(text); !word) return word;
  const auto pattern = core::parse_path_pattern(text);
  if (!pattern) return std::unexpected(pattern.error().detail());
  return std::string(text);
}

Parsed<std::string> parse_host_match(std::string_view text) {
  auto word = WordUpTo{255}(text);
  if (!word) return word;
  std::string lower = *std::move(word);
  std::ranges::transform(lower, lower.begin(), str::lower);
  const auto pattern = core::parse_host_pattern(lower);
  if (!pattern) return std::unexpected(pattern.error().detail());
  return lower;
}

Parsed<core::MethodBit> parse_method(std::string_view text) {
  static const Choice<core::MethodBit> kMethods{{{"GET", core::kGet},
                                                 {"HEAD", core::kHead},
                                                 {"POST", core::kPost},
                                                 {"PUT", core::kPut},
                                                 {"PATCH", core::kPatch},
                                                 {"DELETE", core::kDelete},
                                                 {"OPTIONS", core::kOptions}}};
  if (text == "TRACE" || text == "CONNECT") return std::unexpected(str::cat("is ", text, ", which is never forwarded"));
  return kMethods(text);
}

void refuse_empty_list(const Setting& list, std::string_view meaning) {
  if (list.is_empty_list()) list.problem(str::cat("is empty; leave it out to ", meaning));
}

void read_match(const Setting& match, core::Route& route) {
  match["path"].require();
  match["path"].read(route.path, parse_path_match);
  refuse_empty_list(match["hosts"], "match any host");
  for (const Setting& host : match["hosts"].elements()) {
    if (host.read(route.hosts.emplace_back(), parse_host_match)) continue;
    route.hosts.pop_back();
  }
  refuse_empty_list(match["methods"], "take any method");
  const std::vector<Setting> methods = match["methods"].elements();
  if (!methods.empty()) route.methods = 0;
  for (const Setting& method : methods) {
    core::MethodBit bit = core::kOther;
    if (method.read(bit, parse_method)) route.methods = static_cast<core::MethodSet>(route.methods | bit);
  }
}

void read_upstreams(const Setting& list, core::Route& route) {
  refuse_empty_list(list, "use the default upstream");
  const std::vector<Setting> upstreams = list.elements();
  if (upstreams.size() > kMaxUpstreams) {
    return list.problem(str::cat("has ", upstreams.size(), " upstreams; at most ", kMaxUpstreams, " are allowed"));
  }
  for (const Setting& upstream : upstreams) {
    core::UpstreamAddress address;
    if (!upstream.read(address, parse_http_address)) continue;
    if (std::ranges::find(route.upstreams, address) != route.upstreams.end()) {
      upstream.problem(str::cat(to_url(address), " is listed twice"));
    } else {
      route.upstreams.push_back(std::move(address));
    }
  }
}

core::Route read_route(const Setting& setting) {
  static const Choice<core::AuthMode> kAuth{{{"api_key", core::AuthMode::api_key}, {"none", core::AuthMode::none}}};
  core::Route route;
  setting["name"].require();
  setting["name"].read(route.name, parse_name);
  read_match(setting["match"], route);
  setting["auth"].read(route.auth, kAuth);
  read_upstreams(setting["upstream"], route);
  setting["cost"].read(route.cost, WholeBetween{0, kMaxCost});
  setting["maxBody"].read(route.max_body_bytes, SizeBetween{1, 1ull << 50});
  route.limits = read_limits(setting["limits"]);
  return route;
}

}  // namespace

void read_routes(const Setting& gateway, GatewayConfig& out) {
  out.limits = read_limits(gateway["limits"]);
  const Setting list = gateway["routes"];
  LimitRules rules(gateway["limits"], out.limits);
  std::vector<core::Route> sound;
  for (const Setting& setting : list.elements()) {
    const std::size_t before = setting.problem_count();
    out.routes.push_back(read_route(setting));
    rules.check(setting, out.routes.back());
    if (setting.problem_count() == before) sound.push_back(out.routes.back());
  }
  if (const auto table = core::RouteTable::build(std::move(sound)); !table) list.problem(table.error().detail());
}

}  // namespace tollgate::config
