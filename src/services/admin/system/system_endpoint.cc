#include "services/admin/system/system_endpoint.h"

#include <unistd.h>

#include <array>
#include <thread>
#include <utility>

#include "codec/json/writer.h"

namespace tollgate::services {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

void write_store(codec::JsonWriter& json, const StoreFacts& store) {
  json.begin_object().member("name", store.name).member("kind", store.kind).member("mode", store.mode);
  if (!store.detail.empty()) json.member("detail", store.detail);
  json.member("bytes", store.bytes).member("freeBytes", store.free_bytes).member("maxBytes", store.max_bytes);
  json.member("items", store.items).key("kept").begin_object();
  for (const auto& [what, how_long] : store.kept) json.member(what, how_long);
  json.end_object().end_object();
}

void write_log(codec::JsonWriter& json, const std::optional<ports::LogCounters>& log) {
  if (!log) {
    json.value(nullptr);
    return;
  }
  json.begin_object()
      .member("produced", log->produced)
      .member("stored", log->stored)
      .member("spooled", log->spooled)
      .member("aggregated", log->aggregated)
      .member("dropped", log->dropped)
      .end_object();
}

}  // namespace

void SystemEndpoint::add_to(AdminApi& api) {
  api.add_waiting("GET /api/admin/system", AdminRole::viewer,
                  [this](http::Request& request) { return system(request); });
  api.add("GET /api/admin/upstreams", AdminRole::viewer, [this](http::Request&) { return upstreams(); });
}

Task<Result<http::Response>> SystemEndpoint::system(http::Request& request) {
  Task<std::vector<ServiceHealth>> asking = health_.ask(request.loop());
  const auto services = co_await asking;
  auto reading = deps_.pool.run(request.loop(),
                                [&]() -> Result<SystemFacts> { return deps_.facts ? deps_.facts() : SystemFacts{}; });
  const auto facts = co_await reading;
  co_return http::json(render(services, *facts));
}

std::string SystemEndpoint::render(const std::vector<ServiceHealth>& services, const SystemFacts& facts) {
  const ProcessStats process = process_.sample();
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().member("version", deps_.version).key("node").begin_object();
  json.member("host", host_name())
      .member("cores", std::thread::hardware_concurrency())
      .member("workers", facts.workers)
      .member("cpu", process.cpu)
      .member("memoryBytes", process.memory_bytes)
      .member("uptimeSeconds", process.uptime_seconds)
      .end_object();
  json.key("services").begin_array();
  for (const ServiceHealth& service : services) {
    json.begin_object()
        .member("name", service.name)
        .member("url", service.url)
        .member("status", service.status)
        .member("latencyMs", service.latency_ms)
        .end_object();
  }
  json.end_array().key("stores").begin_array();
  for (const StoreFacts& store : facts.stores) write_store(json, store);
  json.end_array().key("log");
  write_log(json, deps_.log_counters ? deps_.log_counters() : std::nullopt);
  json.key("disk").begin_object();
  json.member("dataDir", facts.data_dir)
      .member("totalBytes", facts.disk_bytes)
      .member("freeBytes", facts.disk_free_bytes)
      .end_object();
  json.key("certificates").begin_array().end_array();
  json.member("time", deps_.clock.wall_now()).end_object();
  return body;
}

Result<http::Response> SystemEndpoint::upstreams() const {
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("data");
  if (!deps_.upstreams) {
    json.value(nullptr).member("nextCursor", nullptr).end_object();
    return http::json(std::move(body));
  }
  const WallTime now = deps_.clock.wall_now();
  const auto ago = [&](const std::optional<Nanos>& age) {
    return age.transform([&](Nanos passed) { return now - std::chrono::floor<Millis>(passed); });
  };
  json.begin_array();
  for (const ports::UpstreamState& upstream : deps_.upstreams()) {
    json.begin_object().member("url", upstream.url).key("routes").begin_array();
    for (const std::string& route : upstream.routes) json.value(route);
    json.end_array()
        .member("healthy", upstream.is_healthy())
        .member("lastConnectedAt", ago(upstream.connected_ago))
        .member("lastRefusedAt", ago(upstream.refused_ago))
        .end_object();
  }
  json.end_array().member("nextCursor", nullptr).end_object();
  return http::json(std::move(body));
}

}  // namespace tollgate::services
