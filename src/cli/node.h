// One process of Tollgate: its storage, its loops and the services it runs.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/caller_guard.h"
#include "cli/descriptors.h"
#include "cli/maintenance.h"
#include "cli/storage.h"
#include "config/load.h"
#include "http/server.h"
#include "http/service_endpoints.h"
#include "services/admin/service.h"
#include "services/analytics/analytics_service.h"
#include "services/backend/backend_service.h"
#include "services/gateway/gateway.h"
#include "services/limiter/limiter_service.h"

namespace tollgate::cli {

class Node {
 public:
  // Starts everything; when it returns, every service answers. Nothing is left behind by a failure.
  // `input` is what `config` was loaded from.
  static Result<std::unique_ptr<Node>> start(config::Config config, config::LoadInput input);
  ~Node();  // as after drain()
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Name → "http://127.0.0.1:3000", for the services of this process, in the order of their ports.
  const std::vector<services::ServiceAddress>& addresses() const { return addresses_; }
  const config::Config& config() const { return config_; }
  const std::optional<services::AdminUserReady>& admin_user() const { return admin_user_; }

  // No new connections; requests that run are finished (at most timeouts.drain), records shipped, state written.
  void drain();

 private:
  Node(config::Config config, config::LoadInput input, ServiceSet set)
      : loaded_(config), input_(std::move(input)), config_(std::move(config)), set_(set) {}
  Result<void> start_all();
  Result<void> start_backend();
  Result<void> start_limiter();
  Result<void> start_analytics();
  Result<void> start_gateway();
  Result<void> start_admin();
  std::vector<runtime::LoopThread*> worker_loop_pointers() const;
  Result<CallerGuard::TokenCheck> token_check() const;
  Result<void> make_guard();
  Result<std::string> serve(const char* name, const config::Listen& listen, http::Handler& handler, bool on_workers);
  ConnectionsOf connections_of(std::string_view service) const;
  std::uint32_t max_connections(std::string_view service) const;
  void warn_of_descriptor_limit() const;
  http::ServiceInfo info(const char* name);
  std::optional<ports::LogCounters> log_counters() const;
  services::SystemFacts facts();
  std::function<std::vector<ports::UpstreamState>()> upstreams() const;
  std::string analytics_url() const;
  std::vector<services::ServiceAddress> known_services() const;

  const config::Config loaded_;
  const config::LoadInput input_;
  config::Config config_;  // with the ports that were found
  const ServiceSet set_;
  std::vector<std::unique_ptr<runtime::LoopThread>> worker_loops_;
  std::unique_ptr<runtime::LoopThread> control_loop_;
  std::unique_ptr<runtime::BlockingPool> pool_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<CallerGuard> guard_;

  std::map<std::string, telemetry::Registry> metrics_;  // by service
  http::Router gateway_endpoints_;                      // those that the gateway answers itself
  std::unique_ptr<services::BackendService> backend_;
  std::unique_ptr<services::LimiterService> limiter_;
  std::unique_ptr<services::AnalyticsService> analytics_;
  std::unique_ptr<services::Gateway> gateway_;
  std::unique_ptr<services::AdminService> admin_;
  std::optional<services::AdminUserReady> admin_user_;

  std::vector<services::ServiceAddress> addresses_;
  std::vector<std::unique_ptr<http::Server>> servers_;  // in the order of their start
  http::Server* gateway_server_ = nullptr;
  std::unique_ptr<Maintenance> maintenance_;
  std::unique_ptr<Maintenance> usage_maintenance_;
  std::atomic<bool> draining_{false};  // /readyz reads it on any thread
};

}  // namespace tollgate::cli
