// The gateway: stands in front of the upstreams, knows who calls, lets through what the limits allow, and records it.
#pragma once

#include <memory>
#include <vector>

#include "config/config.h"
#include "http/exchange.h"
#include "http/router.h"
#include "ports/decision_log.h"
#include "ports/key_directory.h"
#include "ports/limit_store.h"
#include "ports/upstream_state.h"
#include "runtime/loop_thread.h"
#include "services/gateway/request_context.h"
#include "telemetry/metrics.h"

namespace tollgate::services {

struct GatewayDependencies {
  const ports::KeyDirectory& keys;
  ports::LimitStore& limits;
  ports::DecisionLog& log;
  // Answers /health, /healthz, /readyz, /metrics and /version, and nothing else.
  http::Router& local_endpoints;
  std::uint64_t bucket_seed = 0;
};

// Thread safety: handle() on the worker loops; the rest from the thread that owns the gateway.
class Gateway final : public http::Handler {
 public:
  // Fails with config_invalid when the routes cannot be compiled.
  static Result<std::unique_ptr<Gateway>> create(const config::GatewayConfig& config, GatewayDependencies dependencies,
                                                 std::vector<runtime::LoopThread*> loops);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  ~Gateway() override;

  Task<void> handle(http::Exchange& exchange) override;
  void refused(const http::RefusedRequest& refused) override;
  void register_metrics(telemetry::Registry& registry) const;
  const core::RouteTable& routes() const { return plan_.table; }
  // In the order of the configuration. From any thread; `now` is the loops' clock.
  std::vector<ports::UpstreamState> upstreams(MonoTime now) const;

 private:
  Gateway(const config::GatewayConfig& config, GatewayDependencies dependencies, RoutingPlan plan,
          std::vector<runtime::LoopThread*> loops);

  // The phases. Each returns nothing when the request may go on, or the error that ends it.
  const ErrorCode* route(RequestContext& context, core::MethodSet& allowed) const;
  const ErrorCode* authenticate(RequestContext& context) const;
  Task<const ErrorCode*> count_failed_authentication(RequestContext& context, const ErrorCode* error);
  bool limit_here(RequestContext& context, const ErrorCode*& error);
  Task<const ErrorCode*> limit_elsewhere(RequestContext& context);

  void find_client(RequestContext& context) const;
  Task<void> answer_error(RequestContext& context, const ErrorCode& code, core::MethodSet allowed);

  config::GatewayConfig config_;
  GatewayDependencies dependencies_;
  RoutingPlan plan_;
  core::TokenBucket failed_auth_limit_;
  std::vector<runtime::LoopThread*> loops_;
  std::vector<std::unique_ptr<GatewayWorker>> workers_;
};

}  // namespace tollgate::services
