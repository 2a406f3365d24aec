// What one worker of the gateway has to itself: connections, counters, and buffers that requests borrow.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "codec/http1/response_parser.h"
#include "http/upstream.h"
#include "ports/decision_log.h"
#include "runtime/event_loop.h"
#include "services/gateway/counters.h"
#include "services/gateway/routing_plan.h"

namespace tollgate::services {

// Borrowed by a request for its life, so that its strings and tables cost no allocation once they have grown.
struct Scratch {
  std::string path;
  std::string request_head;
  std::string response_head;
  std::string held_body;
  std::string refusal_body;
  codec::ResponseParser response;
};

// Thread safety: the worker's loop only, except `counters` and upstream_times(), which anybody may read.
class GatewayWorker {
 public:
  GatewayWorker(runtime::EventLoop& loop, const RoutingPlan& plan, const config::GatewayConfig& config,
                ports::DecisionSink& sink);

  runtime::EventLoop& loop() { return loop_; }
  ports::DecisionSink& sink() { return sink_; }
  GatewayCounters& counters() { return counters_; }
  const GatewayCounters& counters() const { return counters_; }
  runtime::TaskGroup& uploads() { return uploads_; }

  // Takes the route's upstreams in turn, those that refused a connection within the last second only when all did.
  std::size_t pick_upstream(const PlannedRoute& route);
  http::UpstreamPool& pool(std::size_t upstream) { return *upstreams_[upstream].pool; }
  void upstream_refused(std::size_t upstream);
  void upstream_connected(std::size_t upstream);
  // When that was last, on the loop's clock; MonoTime{} is never. From any thread.
  struct UpstreamTimes {
    MonoTime connected{};
    MonoTime refused{};
  };
  UpstreamTimes upstream_times(std::size_t upstream) const;

  std::unique_ptr<Scratch> borrow_scratch();
  void give_back(std::unique_ptr<Scratch> scratch);

 private:
  struct Attempts {
    std::atomic<MonoTime> connected{};
    std::atomic<MonoTime> refused{};
  };
  struct Upstream {
    std::unique_ptr<http::UpstreamPool> pool;
    std::unique_ptr<Attempts> attempts;
    MonoTime avoid_until{};
  };

  runtime::EventLoop& loop_;
  ports::DecisionSink& sink_;
  GatewayCounters counters_;
  std::vector<Upstream> upstreams_;
  std::vector<std::unique_ptr<Scratch>> spare_;
  runtime::TaskGroup uploads_;
  std::vector<std::size_t> turns_;  // by route: whose turn it is among its upstreams
};

}  // namespace tollgate::services
