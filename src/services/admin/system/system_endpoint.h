// GET /api/admin/system and /upstreams: what runs here, on what, and how it fares.
// Thread safety: any loop.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ports/decision_log.h"
#include "ports/upstream_state.h"
#include "services/admin/admin_api.h"
#include "services/admin/health_probe.h"
#include "services/admin/process_stats.h"
#include "services/admin/system/system_facts.h"

namespace tollgate::services {

class SystemEndpoint {
 public:
  struct Deps {
    const Clock& clock;
    runtime::BlockingPool& pool;
    std::string version;
    // Any of them may be empty.
    std::function<std::vector<ServiceAddress>()> services;
    std::function<std::optional<ports::LogCounters>()> log_counters;
    std::function<SystemFacts()> facts;
    std::function<std::vector<ports::UpstreamState>()> upstreams;  // empty: the gateway is not in this process
  };
  explicit SystemEndpoint(Deps deps)
      : deps_(std::move(deps)), health_(deps_.services, deps_.clock), process_(deps_.clock) {}

  void add_to(AdminApi& api);

 private:
  Task<Result<http::Response>> system(http::Request& request);
  std::string render(const std::vector<ServiceHealth>& services, const SystemFacts& facts);
  Result<http::Response> upstreams() const;

  Deps deps_;
  HealthProbe health_;
  ProcessSampler process_;
};

}  // namespace tollgate::services
