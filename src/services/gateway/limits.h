// Which buckets a request meets, and what the client is told about them.
#pragma once

#include <array>

#include "core/limit/check.h"
#include "http/rate_limit_headers.h"
#include "services/gateway/client_address.h"
#include "services/gateway/credential.h"
#include "services/gateway/routing_plan.h"

namespace tollgate::services {

// The limits of one request, in the order they are reported. No allocation.
class RequestLimits {
 public:
  // The key's own limit first, then the gateway's and the route's. Limits whose scope names a key do not apply without
  // one.
  void collect(const RoutingPlan& plan, const PlannedRoute& route, const Caller& caller, const ClientNetwork& client);

  // Nothing was decided: there are no figures to report.
  void clear() { count_ = 0; }

  std::span<const core::LimitCheck> checks() const { return {checks_.data(), count_}; }
  std::size_t count() const { return count_; }
  // The name of all of them together, as records have it.
  core::NameRef list() const { return list_; }
  std::string_view name(std::size_t index) const { return names_[index]; }

  // What to tell the client: enforced limits only. Returns how many items were written.
  std::size_t items(const core::LimitOutcome& outcome, std::array<http::RateLimitItem, core::kMaxChecks>& out) const;

 private:
  void add(const core::LimitCheck& check, std::string_view name);

  std::array<core::LimitCheck, core::kMaxChecks> checks_;
  std::array<std::string_view, core::kMaxChecks> names_;
  std::size_t count_ = 0;
  core::NameRef list_ = 0;
};

}  // namespace tollgate::services
