// Usage analytics over HTTP: takes records in, answers questions.
#pragma once

#include <functional>
#include <optional>

#include "base/clock.h"
#include "http/router.h"
#include "ports/decision_log.h"
#include "ports/names.h"
#include "ports/usage_store.h"
#include "runtime/blocking_pool.h"
#include "services/analytics/live_endpoints.h"
#include "services/analytics/record_intake.h"
#include "services/analytics/report_endpoint.h"
#include "services/analytics/request_endpoints.h"

namespace tollgate::services {

struct AnalyticsDependencies {
  ports::UsageQueries& usage;
  RecordIntake& intake;
  ports::RequestLog& requests;
  const ports::NameDirectory& names;
  runtime::BlockingPool& pool;
  const Clock& clock;
  // The service token, or an admin's.
  http::Guard guard;
  // Of the gateway in this process; nothing when there is none.
  std::function<std::optional<ports::LogCounters>()> log_counters;
};

// Thread safety: endpoints on any loop; store calls go to the pool.
class AnalyticsService {
 public:
  explicit AnalyticsService(AnalyticsDependencies dependencies);

  http::Router& router() { return router_; }

 private:
  // What an endpoint does on the pool.
  using Work = std::function<Result<http::Response>(http::Request&)>;
  void add(std::string_view pattern, Work work, std::size_t max_body_bytes = 0);
  Task<http::Response> run(http::Request& request, const Work& work);

  Result<http::Response> system_stats(http::Request& request);
  Result<http::Response> key_usage(http::Request& request);
  Result<http::Response> time_series(http::Request& request);
  Result<http::Response> latency(http::Request& request);
  Result<http::Response> top(http::Request& request);
  Result<http::Response> take_log(http::Request& request);
  Result<http::Response> take_events(http::Request& request);

  AnalyticsDependencies dependencies_;
  ReportEndpoint report_;
  http::Router router_;
  LiveEndpoints live_;
  RequestEndpoints requests_;
};

}  // namespace tollgate::services
