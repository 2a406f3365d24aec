#include "services/gateway/routing_plan.h"

#include <algorithm>

#include "base/str.h"
#include "core/limit/check.h"
#include "core/usage/limit_list.h"

namespace tollgate::services {
namespace {

Result<PlannedLimit> plan_limit(const core::LimitRule& rule, std::uint64_t seed) {
  auto bucket = core::TokenBucket::make(rule.bucket);
  if (!bucket) return std::unexpected(std::move(bucket).error().while_doing(str::cat("limit ", rule.name)));
  const auto& spec = rule.bucket;
  const std::string numbers = str::cat(spec.refill_micro, "/", spec.max_burst, "/", spec.tokens_per_window);
  return PlannedLimit{
      .name = rule.name,
      .rule = *std::move(bucket),
      .scope = rule.scope,
      .shadow = rule.mode == core::LimitMode::shadow,
      .identity = hash_tuple({"limit", rule.name, numbers}, seed),
  };
}

// What records call the limits that a request with or without a key meets.
std::string limits_text(const std::vector<PlannedLimit>& limits, bool with_key) {
  std::string text;
  if (with_key) core::append_to_limit_list(text, kKeyLimitName, {.key = true});
  for (const PlannedLimit& limit : limits) {
    if (with_key || !limit.needs_key()) core::append_to_limit_list(text, limit.name, limit.scope);
  }
  return text;
}

std::size_t index_of(std::vector<core::UpstreamAddress>& all, const core::UpstreamAddress& address) {
  const auto found = std::find(all.begin(), all.end(), address);
  if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
  all.push_back(address);
  return all.size() - 1;
}

}  // namespace

Result<RoutingPlan> RoutingPlan::build(const config::GatewayConfig& config, ports::DecisionLog& log,
                                       std::uint64_t bucket_seed) {
  TG_TRY(core::RouteTable table, core::RouteTable::build(config.routes));
  RoutingPlan plan{.table = std::move(table), .routes = {}, .upstreams = {}, .bucket_seed = bucket_seed};
  for (const core::Route& route : plan.table.routes()) {
    PlannedRoute planned{
        .index = plan.routes.size(),
        .ref = log.intern(core::NameKind::route, route.name),
        .auth = route.auth,
        .cost = route.cost,
        .max_body_bytes = route.max_body_bytes == 0 ? config.max_body_bytes : route.max_body_bytes,
        .limits = {},
        .upstreams = {},
    };
    for (const auto* rules : {&config.limits, &route.limits}) {
      for (const core::LimitRule& rule : *rules) {
        TG_TRY(PlannedLimit limit, plan_limit(rule, bucket_seed));
        planned.limits.push_back(std::move(limit));
      }
    }
    // One place is the key's own limit.
    if (planned.limits.size() + 1 > core::kMaxChecks) {
      return fail(codes::config_invalid,
                  str::cat("route ", route.name, " meets ", planned.limits.size(),
                           " limits besides its key's; at most ", core::kMaxChecks - 1, " are possible"));
    }
    planned.limits_with_key = log.intern(core::NameKind::limits, limits_text(planned.limits, true));
    planned.limits_without_key = log.intern(core::NameKind::limits, limits_text(planned.limits, false));
    for (const core::UpstreamAddress& address : route.upstreams)
      planned.upstreams.push_back(index_of(plan.upstreams, address));
    planned.first_upstream = planned.upstreams.front();
    plan.routes.push_back(std::move(planned));
  }
  return plan;
}

}  // namespace tollgate::services
