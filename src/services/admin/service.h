// The admin service: everything under /api/admin as one handler for an HTTP server.
//
// Thread safety: make() on one thread; the handler on any loop. Everything in Deps outlives the service.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/load.h"
#include "core/route/route_table.h"
#include "crypto/password_hasher.h"
#include "http/router.h"
#include "http/service_endpoints.h"
#include "http/static_file.h"
#include "ports/audit_log.h"
#include "ports/decision_log.h"
#include "ports/key_directory.h"
#include "ports/key_store.h"
#include "ports/limit_store.h"
#include "ports/session_store.h"
#include "ports/upstream_state.h"
#include "ports/usage_store.h"
#include "ports/user_store.h"
#include "runtime/blocking_pool.h"
#include "services/admin/health_probe.h"
#include "services/admin/session/login_throttle.h"
#include "services/admin/system/system_facts.h"

namespace tollgate::services {

class AdminService {
 public:
  struct Deps {
    ports::KeyStore& keys;
    ports::UserStore& users;
    ports::SessionStore& sessions;
    ports::AuditLog& audit;
    crypto::PasswordHasher& hasher;
    runtime::BlockingPool& pool;  // for store calls
    const Clock& clock;
    // Live buckets; null where they cannot be reached.
    ports::LimitStore* limits = nullptr;
    const ports::KeyDirectory* directory = nullptr;
    ports::UsageReader* usage = nullptr;       // null where there is no analytics
    const core::RouteTable* routes = nullptr;  // null where there is no gateway
    // Its reads are served here, too, so that a browser finds everything under one origin. Null: see analytics_url.
    const http::Router* analytics = nullptr;
  };
  struct Options {
    std::string jwt_secret;
    std::string service_token;
    http::ServiceInfo info;  // its service_token may be left empty: it is this one's
    std::vector<core::LimitRule> gateway_limits;
    LoginThrottleOptions login_throttle;
    std::span<const http::StaticFile> dashboard;  // the program's own; empty: not built in
    std::string public_origin;                    // "https://tollgate.example" where TLS ends in front of admin
    std::string analytics_url;  // of an analytics service in another process, to which its reads are passed on
    // All services' addresses, for their health; asked for at each dashboard.
    std::function<std::vector<ServiceAddress>()> services;
    std::function<std::optional<ports::LogCounters>()> log_counters;
    std::function<SystemFacts()> facts;                            // may be empty
    std::function<std::vector<ports::UpstreamState>()> upstreams;  // empty where there is no gateway
    // As it was loaded, and from what.
    config::Config config;
    config::LoadInput config_input;
    std::function<void(const std::string& level)> set_log_level = [](const std::string&) {};
    // Called on a pool thread after each change of keys or tiers, before the caller is answered: where the follower is
    // in this process, its follow_once() makes a change effective before the caller knows that it is.
    std::function<void()> keys_changed;
  };

  // weak_secret when the JWT secret is weak.
  static Result<std::unique_ptr<AdminService>> make(const Deps& deps, Options options);
  AdminService(const AdminService&) = delete;
  AdminService& operator=(const AdminService&) = delete;
  ~AdminService();

  http::Router& router();

 private:
  struct Parts;
  explicit AdminService(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tollgate::services
