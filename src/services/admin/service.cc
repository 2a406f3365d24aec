#include "services/admin/service.h"

#include "http/fetch.h"
#include "services/admin/admin_api.h"
#include "services/admin/analytics_forward.h"
#include "services/admin/audit/audit_endpoints.h"
#include "services/admin/dashboard_endpoint.h"
#include "services/admin/dashboard_pages.h"
#include "services/admin/feed_endpoint.h"
#include "services/admin/key_endpoints.h"
#include "services/admin/key_limit_endpoints.h"
#include "services/admin/route_endpoints.h"
#include "services/admin/session/callers.h"
#include "services/admin/session/login.h"
#include "services/admin/session/own_password.h"
#include "services/admin/session/session_endpoints.h"
#include "services/admin/system/config_endpoints.h"
#include "services/admin/system/system_endpoint.h"
#include "services/admin/tier_endpoints.h"
#include "services/admin/users/user_endpoints.h"

namespace tollgate::services {
namespace {

// On every response. No CORS field is among them: other origins' scripts may not read anything.
std::vector<std::pair<std::string, std::string>> security_headers(bool is_secure) {
  std::vector<std::pair<std::string, std::string>> headers{
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
       "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cache-Control", "no-store"}};
  if (is_secure) headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  return headers;
}

KeyLimitEndpoints::Deps key_limit_deps(const AdminService::Deps& deps, const AdminService::Options& options) {
  return {.keys = deps.keys,
          .clock = deps.clock,
          .pool = deps.pool,
          .limits = deps.limits,
          .directory = deps.directory,
          .usage = deps.usage,
          .gateway_limits = options.gateway_limits,
          .routes = deps.routes == nullptr ? std::vector<core::Route>{} : deps.routes->routes()};
}

}  // namespace

struct AdminService::Parts {
  Parts(const Deps& deps, const Options& options, AdminTokens made)
      : tokens(std::move(made)),
        cookie(options.public_origin),
        sessions(deps.sessions, deps.users, deps.clock),
        callers(tokens, sessions, cookie),
        api(router, deps.pool, callers, deps.keys),
        sign_in({.users = deps.users, .hasher = deps.hasher, .audit = deps.audit, .clock = deps.clock},
                options.login_throttle),
        login({.sign_in = sign_in,
               .tokens = tokens,
               .sessions = deps.sessions,
               .cookie = cookie,
               .audit = deps.audit,
               .pool = deps.pool}),
        session_endpoints(
            {.sign_in = sign_in, .sessions = sessions, .store = deps.sessions, .cookie = cookie, .pool = deps.pool}),
        own_password({.sign_in = sign_in, .users = deps.users, .hasher = deps.hasher}),
        keys({.keys = deps.keys, .clock = deps.clock, .changed = options.keys_changed}),
        key_limits(key_limit_deps(deps, options)),
        tiers(deps.keys, options.keys_changed),
        routes(deps.routes),
        dashboard({.clock = deps.clock,
                   .pool = deps.pool,
                   .usage = deps.usage,
                   .log_counters = options.log_counters,
                   .services = options.services}),
        users({.users = deps.users, .hasher = deps.hasher, .clock = deps.clock}),
        audit(deps.audit, deps.pool),
        system({.clock = deps.clock,
                .pool = deps.pool,
                .version = options.info.version,
                .services = options.services,
                .log_counters = options.log_counters,
                .facts = options.facts,
                .upstreams = options.upstreams}),
        config({.in_force = options.config,
                .input = options.config_input,
                .audit = deps.audit,
                .set_log_level = options.set_log_level}),
        feed(deps.keys),
        pages(options.dashboard) {}

  http::Router router;
  AdminTokens tokens;
  SessionCookie cookie;
  Sessions sessions;
  Callers callers;
  AdminApi api;
  SignIn sign_in;
  Login login;
  SessionEndpoints session_endpoints;
  OwnPassword own_password;
  KeyEndpoints keys;
  KeyLimitEndpoints key_limits;
  TierEndpoints tiers;
  RouteEndpoints routes;
  DashboardEndpoint dashboard;
  UserEndpoints users;
  AuditEndpoints audit;
  SystemEndpoint system;
  ConfigEndpoints config;
  FeedEndpoint feed;
  DashboardPages pages;
  std::optional<AnalyticsForward> analytics;
};

Result<std::unique_ptr<AdminService>> AdminService::make(const Deps& deps, Options options) {
  TG_TRY(AdminTokens tokens, AdminTokens::make(options.jwt_secret, deps.users, deps.clock));
  auto parts = std::make_unique<Parts>(deps, options, std::move(tokens));
  parts->router.set_common_headers(security_headers(parts->cookie.is_secure()));
  parts->login.add_to(parts->router, parts->api);
  parts->session_endpoints.add_to(parts->router, parts->api);
  parts->own_password.add_to(parts->api);
  parts->keys.add_to(parts->api);
  parts->key_limits.add_to(parts->api);
  parts->tiers.add_to(parts->api);
  parts->routes.add_to(parts->api);
  parts->dashboard.add_to(parts->api);
  parts->users.add_to(parts->api);
  parts->audit.add_to(parts->router, parts->api);
  parts->system.add_to(parts->api);
  parts->config.add_to(parts->api);
  parts->feed.add_to(parts->api, options.service_token);
  options.info.service_token = options.service_token;
  http::add_service_endpoints(parts->router, std::move(options.info));
  parts->pages.add_to(parts->router);
  if (deps.analytics != nullptr) {
    parts->router.mount_reads(*deps.analytics, parts->api.guard(AdminRole::viewer));
  } else if (!options.analytics_url.empty()) {
    TG_TRY(http::UpstreamTarget target, http::parse_service_url(options.analytics_url));
    parts->analytics.emplace(std::move(target), options.service_token);
    parts->analytics->add_to(parts->router, parts->api.guard(AdminRole::viewer));
  }
  return std::unique_ptr<AdminService>(new AdminService(std::move(parts)));
}

AdminService::AdminService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
AdminService::~AdminService() = default;
http::Router& AdminService::router() {
  return parts_->router;
}

}  // namespace tollgate::services
