#include "services/gateway/worker.h"

namespace tollgate::services {
namespace {

constexpr Seconds kAvoidRefusing{1};
constexpr std::size_t kMaxSpareScratch = 256;
constexpr std::size_t kMaxScratchBytes = 64 * 1024;  // one that a large request has grown is not kept

}  // namespace

GatewayWorker::GatewayWorker(runtime::EventLoop& loop, const RoutingPlan& plan, const config::GatewayConfig& config,
                             ports::DecisionSink& sink)
    : loop_(loop), sink_(sink), uploads_(loop), turns_(plan.routes.size()) {
  for (const core::UpstreamAddress& address : plan.upstreams) {
    upstreams_.push_back({std::make_unique<http::UpstreamPool>(
                              loop, http::UpstreamPool::Options{.target = {.host = address.host, .port = address.port},
                                                                .max_idle = config.upstream_connections,
                                                                .connect_timeout = config.timeouts.connect}),
                          std::make_unique<Attempts>(),
                          {}});
  }
}

std::size_t GatewayWorker::pick_upstream(const PlannedRoute& route) {
  const std::size_t count = route.upstreams.size();
  if (count == 1) return route.first_upstream;
  std::size_t& turn = turns_[route.index];
  const MonoTime now = loop_.round_time();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t candidate = route.upstreams[(turn + i) % count];
    if (upstreams_[candidate].avoid_until <= now) {
      turn += i + 1;
      return candidate;
    }
  }
  return route.upstreams[turn++ % count];
}

void GatewayWorker::upstream_refused(std::size_t upstream) {
  const MonoTime now = loop_.now();
  upstreams_[upstream].avoid_until = now + kAvoidRefusing;
  upstreams_[upstream].attempts->refused.store(now, std::memory_order_relaxed);
}

void GatewayWorker::upstream_connected(std::size_t upstream) {
  upstreams_[upstream].attempts->connected.store(loop_.now(), std::memory_order_relaxed);
}

GatewayWorker::UpstreamTimes GatewayWorker::upstream_times(std::size_t upstream) const {
  const Attempts& attempts = *upstreams_[upstream].attempts;
  return {.connected = attempts.connected.load(std::memory_order_relaxed),
          .refused = attempts.refused.load(std::memory_order_relaxed)};
}

std::unique_ptr<Scratch> GatewayWorker::borrow_scratch() {
  if (spare_.empty()) return std::make_unique<Scratch>();
  std::unique_ptr<Scratch> scratch = std::move(spare_.back());
  spare_.pop_back();
  return scratch;
}

void GatewayWorker::give_back(std::unique_ptr<Scratch> scratch) {
  for (std::string* text :
       {&scratch->path, &scratch->request_head, &scratch->response_head, &scratch->held_body, &scratch->refusal_body}) {
    if (text->capacity() > kMaxScratchBytes) return;
    text->clear();
  }
  if (spare_.size() < kMaxSpareScratch) spare_.push_back(std::move(scratch));
}

}  // namespace tollgate::services
