// The configuration's routes and limits, ready for requests: compiled once, then only read.
#pragma once

#include <string>
#include <vector>

#include "base/hash.h"
#include "config/config.h"
#include "core/route/route_table.h"
#include "core/usage/names.h"
#include "ports/decision_log.h"

namespace tollgate::services {

// The built-in limit of a key.
inline constexpr std::string_view kKeyLimitName = "key";

struct PlannedLimit {
  std::string name;
  core::TokenBucket rule;
  core::LimitScope scope;
  bool shadow = false;
  Hash128 identity;  // of the limit and its numbers; a bucket adds the values of the scope

  // Requests without a key do not meet it.
  bool needs_key() const { return scope.key || scope.tier; }
};

struct PlannedRoute {
  std::size_t index = 0;  // in RoutingPlan::routes
  core::NameRef ref = 0;
  core::AuthMode auth = core::AuthMode::api_key;
  std::uint64_t cost = 1;
  std::uint64_t max_body_bytes = 0;
  std::vector<PlannedLimit> limits;  // the gateway's, then the route's own
  // What records call the limits that a request meets here, in the order it meets them.
  core::NameRef limits_with_key = 0;
  core::NameRef limits_without_key = 0;
  std::vector<std::size_t> upstreams;  // indices into RoutingPlan::upstreams
  std::size_t first_upstream = 0;      // of those: most routes have no other, and it is at hand here
};

// Thread safety: immutable once built.
struct RoutingPlan {
  core::RouteTable table;
  std::vector<PlannedRoute> routes;              // same order as table.routes()
  std::vector<core::UpstreamAddress> upstreams;  // each once
  std::uint64_t bucket_seed = 0;

  // Names are made known to the log. Fails with config_invalid.
  static Result<RoutingPlan> build(const config::GatewayConfig& config, ports::DecisionLog& log,
                                   std::uint64_t bucket_seed);
};

}  // namespace tollgate::services
