// GET /api/admin/monitoring/dashboard: everything that the first page of a dashboard shows, in one answer. What cannot
// be reached is null and named in `degraded`; the rest still comes.
// Thread safety: any loop.
#pragma once

#include <functional>
#include <optional>

#include "ports/decision_log.h"
#include "ports/usage_store.h"
#include "runtime/blocking_pool.h"
#include "services/admin/admin_api.h"
#include "services/admin/health_probe.h"
#include "services/admin/process_stats.h"

namespace tollgate::services {

class DashboardEndpoint {
 public:
  struct Deps {
    const Clock& clock;
    runtime::BlockingPool& pool;
    ports::UsageReader* usage = nullptr;
    std::function<std::optional<ports::LogCounters>()> log_counters;  // may be empty
    std::function<std::vector<ServiceAddress>()> services;            // may be empty
  };
  explicit DashboardEndpoint(Deps deps)
      : deps_(std::move(deps)), health_(deps_.services, deps_.clock), process_(deps_.clock) {}

  void add_to(AdminApi& api);

 private:
  struct Usage {
    ports::SystemStats stats;
    std::vector<ports::TopEntry> top_keys, top_endpoints;  // of the last hour
    std::vector<ports::RecentMinute> recent;
  };
  Result<Usage> read_usage();
  Task<Result<http::Response>> dashboard(http::Request& request);
  std::string render(const std::vector<ServiceHealth>& services, const Result<Usage>& usage);

  Deps deps_;
  HealthProbe health_;
  ProcessSampler process_;
};

}  // namespace tollgate::services
