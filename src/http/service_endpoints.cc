#include "http/service_endpoints.h"

#include <algorithm>
#include <array>

#include "codec/json/writer.h"
#include "crypto/secret_bytes.h"

namespace tollgate::http {
namespace {

Task<Result<void>> verdict(Result<void> result) {
  co_return result;
}
Task<Response> answer(Response response) {
  co_return response;
}

// An empty token lets nobody in, not everybody who sends none.
bool presents(Request& request, const std::string& token) {
  return !token.empty() && crypto::constant_time_equal(request.bearer(), token);
}

Result<void> ask_for_token() {
  return fail(codes::unauthenticated_admin, "Send the service token as Authorization: Bearer.");
}

Response uncached(Response response) {
  response.header("Cache-Control", "no-store");
  return response;
}

Response readiness(const ServiceInfo& info) {
  const std::string reason = info.not_ready_because ? info.not_ready_because() : std::string();
  std::string body;
  codec::JsonWriter out(body);
  out.begin_object().member("status", reason.empty() ? "ready" : "not_ready");
  if (!reason.empty()) out.member("reason", reason);
  out.end_object();
  return uncached(json(std::move(body), reason.empty() ? 200 : 503));
}

Response version(const ServiceInfo& info) {
  std::string body;
  codec::JsonWriter(body).begin_object().member("service", info.name).member("version", info.version).end_object();
  return uncached(json(std::move(body)));
}

Response metrics(const telemetry::Registry& registry) {
  Response response;
  response.body = registry.render();
  response.header("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  return uncached(std::move(response));
}

// A proxy on this machine speaks for others.
bool is_from_this_machine(Request& request) {
  if (!request.exchange().peer().ip.is_loopback()) return false;
  using enum codec::HeaderId;
  const auto& fields = request.exchange().head().fields;
  return std::ranges::none_of(std::array{x_forwarded_for, x_real_ip, forwarded, via},
                              [&](codec::HeaderId id) { return fields.find(id) != nullptr; });
}

}  // namespace

void add_service_endpoints(Router& router, ServiceInfo info) {
  const auto shared = std::make_shared<const ServiceInfo>(std::move(info));
  router.add("GET /healthz", {}, [](Request&) { return answer(uncached(json(R"({"status":"ok"})"))); });
  router.add("GET /readyz", {}, [shared](Request&) { return answer(readiness(*shared)); });
  router.add("GET /version", {}, [shared](Request&) { return answer(version(*shared)); });
  if (shared->metrics == nullptr) return;
  EndpointOptions guarded;
  guarded.guard = [shared](Request& request) {
    return verdict(is_from_this_machine(request) || presents(request, shared->service_token) ? Result<void>{}
                                                                                             : ask_for_token());
  };
  router.add("GET /metrics", std::move(guarded), [shared](Request&) { return answer(metrics(*shared->metrics)); });
}

Guard service_token_guard(std::string token) {
  return [token = std::move(token)](Request& request) {
    return verdict(presents(request, token) ? Result<void>{} : ask_for_token());
  };
}

}  // namespace tollgate::http
