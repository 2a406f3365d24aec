#include "services/admin/health_probe.h"

#include "http/fetch.h"

namespace tollgate::services {

Task<std::vector<ServiceHealth>> HealthProbe::ask(runtime::EventLoop& loop) {
  {
    const std::lock_guard lock(mutex_);
    if (!last_.empty() && clock_.mono_now() - asked_ < kRemembered) co_return last_;
  }
  std::vector<Asked> asked;
  if (services_) {
    for (ServiceAddress& service : services_()) {
      asked.push_back({.health = {.name = std::move(service.name), .url = std::move(service.url), .status = "down"},
                       .foreign = service.foreign});
    }
  }
  runtime::TaskGroup group(loop);
  for (Asked& one : asked) group.spawn(ask_one(loop, one));
  auto finished = group.empty();
  co_await finished;
  std::vector<ServiceHealth> all;
  for (Asked& one : asked) all.push_back(std::move(one.health));
  const std::lock_guard lock(mutex_);
  last_ = all;
  asked_ = clock_.mono_now();
  co_return all;
}

Task<void> HealthProbe::ask_one(runtime::EventLoop& loop, Asked& asked) {
  ServiceHealth& health = asked.health;
  auto target = http::parse_service_url(health.url);
  if (!target) co_return;
  // A pool of its own: one connection a second is cheap, and it proves that the service still accepts.
  http::UpstreamPool pool(loop, {.target = *std::move(target), .max_idle = 1, .connect_timeout = kDeadline});
  http::FetchRequest request;
  request.target = "/readyz";
  request.timeout = kDeadline;
  request.max_response_bytes = 64 * 1024;
  const MonoTime before = loop.now();
  Task<Result<http::FetchResponse>> fetching = http::fetch(pool, std::move(request));
  const auto answer = co_await fetching;
  health.latency_ms = std::chrono::duration<double, std::milli>(loop.now() - before).count();
  if (!answer) co_return;
  const bool good = asked.foreign ? answer->status < 500 : answer->status == 200;
  health.status = good ? "up" : "unhealthy";
}

}  // namespace tollgate::services
