#include "services/admin/dashboard_endpoint.h"

#include <utility>

#include "codec/json/writer.h"
#include "codec/usage/usage_json.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

constexpr Seconds kTopPeriod{60 * 60};
constexpr std::size_t kTopCount = 10;
constexpr std::size_t kRecentMinutes = 15;

}  // namespace

void DashboardEndpoint::add_to(AdminApi& api) {
  api.add_waiting("GET /api/admin/monitoring/dashboard", AdminRole::viewer,
                  [this](http::Request& request) { return dashboard(request); });
}

Result<DashboardEndpoint::Usage> DashboardEndpoint::read_usage() {
  if (deps_.usage == nullptr)
    return fail(codes::store_unavailable, "this admin has no analytics; set admin.analytics_url");
  const WallTime now = deps_.clock.wall_now();
  Usage usage;
  TG_TRY(usage.stats, deps_.usage->system_stats(now));
  ports::TopQuery top{.from = now - kTopPeriod, .to = now, .by = ports::TopQuery::By::key, .count = kTopCount};
  TG_TRY(ports::TopAnswer keys, deps_.usage->top(top));
  usage.top_keys = std::move(keys.entries);
  top.by = ports::TopQuery::By::endpoint;
  TG_TRY(ports::TopAnswer endpoints, deps_.usage->top(top));
  usage.top_endpoints = std::move(endpoints.entries);
  TG_TRY(usage.recent, deps_.usage->recent_minutes(now, kRecentMinutes));
  return usage;
}

Task<Result<http::Response>> DashboardEndpoint::dashboard(http::Request& request) {
  Task<std::vector<ServiceHealth>> asking = health_.ask(request.loop());
  const auto services = co_await asking;
  auto reading = deps_.pool.run(request.loop(), [&] { return read_usage(); });
  const auto usage = co_await reading;
  if (!usage) telemetry::log_error("admin", "dashboard_without_usage", usage.error());
  co_return http::json(render(services, usage));
}

std::string DashboardEndpoint::render(const std::vector<ServiceHealth>& services, const Result<Usage>& usage) {
  const ProcessStats process = process_.sample();
  const Usage none;
  const Usage& shown = usage ? *usage : none;
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("services").begin_array();
  for (const ServiceHealth& service : services) {
    json.begin_object()
        .member("name", service.name)
        .member("url", service.url)
        .member("status", service.status)
        .member("latencyMs", service.latency_ms)
        .end_object();
  }
  json.end_array().key("system").begin_object();
  json.member("cpu", process.cpu)
      .member("memoryBytes", process.memory_bytes)
      .member("uptimeSeconds", process.uptime_seconds)
      .end_object();
  json.key("stats");
  if (usage) {
    codec::write_system_stats(json, shown.stats, deps_.log_counters ? deps_.log_counters() : std::nullopt);
  } else {
    json.value(nullptr);
  }
  codec::write_top_entries(json.key("topKeys"), shown.top_keys);
  codec::write_top_entries(json.key("topEndpoints"), shown.top_endpoints);
  codec::write_recent(json.key("recent"), shown.recent);
  json.key("degraded").begin_array();
  if (!usage) json.value("analytics");
  json.end_array().member("time", deps_.clock.wall_now()).end_object();
  return body;
}

}  // namespace tollgate::services
