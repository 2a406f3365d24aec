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

struct PlannedLimit {
  std::string name;
  core::NameRef ref = 0;
  core::TokenBucket rule;
  core::LimitScope scope;
  bool shadow = false;
  Hash128 identity;  // of the limit and its numbers; a bucket adds the values of the scope
};

struct PlannedRoute {
  std::size_t index = 0;  // in RoutingPlan::routes
  core::NameRef ref = 0;
  core::AuthMode auth = core::AuthMode::api_key;
  std::uint64_t cost = 1;
  std::uint64_t max_body_bytes = 0;
  std::vector<PlannedLimit> limits;    // the gateway's, then the route's own
  std::vector<std::size_t> upstreams;  // indices into RoutingPlan::upstreams
};

// Thread safety: immutable once built.
struct RoutingPlan {
  core::RouteTable table;
  std::vector<PlannedRoute> routes;              // same order as table.routes()
  std::vector<core::UpstreamAddress> upstreams;  // each once
  core::NameRef key_limit_ref = 0;               // the built-in limit of a key
  std::uint64_t bucket_seed = 0;

  // Names are made known to the log. Fails with config_invalid.
  static Result<RoutingPlan> build(const config::GatewayConfig& config, ports::DecisionLog& log,
                                   std::uint64_t bucket_seed);
};

}  // namespace tollgate::services
