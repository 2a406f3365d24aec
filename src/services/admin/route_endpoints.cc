#include "services/admin/route_endpoints.h"

#include <array>

#include "base/str.h"
#include "codec/http1/target.h"
#include "codec/json/object_reader.h"
#include "codec/json/writer.h"
#include "services/admin/api_input.h"
#include "services/admin/limits_json.h"

namespace tollgate::services {
namespace {

constexpr auto kMethods = std::to_array<codec::JsonWord<core::MethodBit>>({{"GET", core::kGet},
                                                                           {"HEAD", core::kHead},
                                                                           {"POST", core::kPost},
                                                                           {"PUT", core::kPut},
                                                                           {"PATCH", core::kPatch},
                                                                           {"DELETE", core::kDelete},
                                                                           {"OPTIONS", core::kOptions}});

void write_methods(codec::JsonWriter& json, core::MethodSet methods) {
  json.begin_array();
  for (const auto& [word, bit] : kMethods) {
    if ((methods & bit) != 0) json.value(word);
  }
  json.end_array();
}

void write_route(codec::JsonWriter& json, const core::Route& route) {
  json.begin_object().member("name", route.name).member("path", route.path);
  json.key("hosts").begin_array();
  for (const std::string& host : route.hosts) json.value(host);
  json.end_array().key("methods");
  write_methods(json, route.methods);
  json.member("auth", route.auth == core::AuthMode::api_key ? "api_key" : "none").member("cost", route.cost);
  json.key("upstreams").begin_array();
  for (const core::UpstreamAddress& upstream : route.upstreams) {
    json.value(str::cat("http://", upstream.host, ":", upstream.port));
  }
  json.end_array().key("limits").begin_array();
  for (const core::LimitRule& rule : route.limits) {
    json.begin_object().member("name", rule.name);
    write_limit_numbers(json, rule.bucket);
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

void RouteEndpoints::add_to(AdminApi& api) {
  api.add("GET /api/admin/routes", AdminRole::viewer, [this](http::Request&) { return list(); });
  api.add("POST /api/admin/routes/match", AdminRole::viewer, [this](http::Request& request) { return match(request); });
}

Result<http::Response> RouteEndpoints::list() const {
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("data").begin_array();
  if (routes_ != nullptr) {
    for (const core::Route& route : routes_->routes()) write_route(json, route);
  }
  json.end_array().member("nextCursor", nullptr).end_object();
  return http::json(std::move(body));
}

Result<http::Response> RouteEndpoints::match(http::Request& request) const {
  TG_TRY(const codec::JsonValue document, json_body(request));
  codec::JsonObjectReader in(document);
  const std::string host = in.optional_string("host", {.min = 0, .max = 255}).value_or("");
  const std::string path = in.required_string("path", {.min = 1, .max = 8192});
  const auto method = in.optional_word<core::MethodBit>("method", kMethods).value_or(core::kGet);
  std::string normal;
  if (!path.empty() && (path.front() != '/' || !codec::normalize_path(path, normal))) {
    in.fail("path", "is not a path that a request can have");
  }
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());

  const core::RouteMatch found = routes_ == nullptr ? core::RouteMatch{} : routes_->match(host, normal, method);
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().member("path", normal).key("route");
  if (found.route >= 0) {
    write_route(json, routes_->routes()[static_cast<std::size_t>(found.route)]);
  } else {
    json.value(nullptr).member("status", found.allowed == 0 ? 404 : 405).key("allowedMethods");
    write_methods(json, found.allowed);
  }
  json.end_object();
  return http::json(std::move(body));
}

}  // namespace tollgate::services
