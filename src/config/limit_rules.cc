#include "config/limit_rules.h"

#include <algorithm>

#include "core/limit/check.h"

namespace tollgate::config {

LimitRules::LimitRules(const Setting& setting, const std::vector<core::LimitRule>& gateway) : gateway_(gateway) {
  if (gateway.size() >= core::kMaxChecks) {
    setting.problem(str::cat("has ", gateway.size(), " limits; a request meets at most ", core::kMaxChecks,
                             ", one of which is its key's"));
  }
  for (const core::LimitRule& rule : gateway) check_name(setting, core::NameKind::limit, rule.name);
}

void LimitRules::check(const Setting& setting, const core::Route& route) {
  check_name(setting["name"], core::NameKind::route, route.name);
  const Setting limits = setting["limits"];
  const std::size_t built_in = route.auth == core::AuthMode::api_key ? 1 : 0;
  const std::size_t total = built_in + gateway_.size() + route.limits.size();
  if (!route.limits.empty() && total > core::kMaxChecks) {
    limits.problem(str::cat("with the ", gateway_.size(), " of gateway.limits",
                            built_in == 1 ? " and the key's own" : "", ", a request would meet ", total,
                            " limits; at most ", core::kMaxChecks, " are allowed"));
  }
  for (const core::LimitRule& rule : gateway_) check_cost(setting["cost"], route, rule);
  for (const core::LimitRule& rule : route.limits) {
    check_name(limits, core::NameKind::limit, rule.name);
    check_cost(setting["cost"], route, rule);
    check_shared(limits, route, rule);
    if (std::ranges::find(gateway_, rule.name, &core::LimitRule::name) != gateway_.end()) {
      limits.problem(str::cat("the limit name ", quoted(rule.name), " is taken by one of gateway.limits"));
    }
    if (route.auth == core::AuthMode::none && (rule.scope.key || rule.scope.tier)) {
      limits.problem(str::cat("limit ", quoted(rule.name), " is per key or tier, but this route has auth: none"));
    }
  }
}

void LimitRules::check_name(const Setting& setting, core::NameKind kind, const std::string& name) {
  if (name.empty()) return;
  const auto [first, added] = names_.try_emplace({kind, core::name_ref(kind, name)}, name);
  if (added) return;
  if (first->second != name) {
    setting.problem(str::cat("the names ", quoted(name), " and ", quoted(first->second),
                             " cannot be told apart in decision records; change one"));
  } else if (kind == core::NameKind::route) {
    setting.problem(str::cat("the route name ", quoted(name), " is used twice"));
  }
}

void LimitRules::check_cost(const Setting& setting, const core::Route& route, const core::LimitRule& rule) const {
  if (rule.mode == core::LimitMode::shadow || route.cost <= rule.bucket.max_burst) return;
  setting.problem(str::cat("a cost of ", route.cost, " is more than limit ", quoted(rule.name),
                           " can ever hold (maxBurst ", rule.bucket.max_burst, ")"));
}

// Buckets are told apart by the limit's name and the values of its scope.
void LimitRules::check_shared(const Setting& setting, const core::Route& route, const core::LimitRule& rule) {
  const auto [found, added] = shared_.try_emplace(rule.name, FirstUse{route.name, rule});
  if (added) return;
  const core::LimitRule& first = found->second.rule;
  const bool same = first.bucket == rule.bucket && first.mode == rule.mode;
  if (first.scope == rule.scope && (rule.scope.route || same)) return;
  setting.problem(str::cat("limit ", quoted(rule.name), " is another one in route ", quoted(found->second.route),
                           "; make them equal, give one another name, or add route to the scope of both"));
}

}  // namespace tollgate::config
