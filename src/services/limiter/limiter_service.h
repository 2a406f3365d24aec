// The limiter over HTTP.
//
//   POST /api/limiter/check[?status=true]   one decision; see check_request.h and check_answer.h
//   POST /api/limiter/check/batch           {"checks":[…]} → {"results":[…]}, each all or nothing by itself
//   GET  /api/limiter/buckets/{key}         a key's bucket: {key,level,limit,refillRate,maxBurst,resetMs}
//   and for gateways in other processes the paths of codec/limits/apply_protocol.h
//
// A store that cannot decide is answered with 503. Thread safety: one object serves all loops.
#pragma once

#include "base/clock.h"
#include "http/router.h"
#include "ports/limit_store.h"
#include "services/limiter/check_answer.h"
#include "services/limiter/check_plan.h"

namespace tollgate::services {

class LimiterService {
 public:
  struct Options {
    http::Guard guard;           // who may ask: the service token or an admin's JWT
    http::Guard internal_guard;  // who may name buckets: the service token alone
    core::TokenBucket default_rule;
    std::uint64_t bucket_seed = 0;  // the store's
  };
  // All three outlive the service.
  LimiterService(ports::LimitStore& store, const ports::KeyDirectory& keys, const Clock& clock, Options options);

  http::Router& router() { return router_; }

 private:
  void add_internal_endpoints();
  Task<Result<Decision>> decide(const CheckRequest& request, std::string id);
  Task<http::Response> check(http::Request& request);
  Task<http::Response> check_batch(http::Request& request);
  Task<http::Response> bucket(http::Request& request);
  Task<http::Response> apply(http::Request& request);
  Task<http::Response> read(http::Request& request);
  Task<http::Response> reset(http::Request& request);
  Task<http::Response> migrate(http::Request& request);

  ports::LimitStore& store_;
  const Options options_;
  const CheckPlanner planner_;
  http::Router router_;
};

}  // namespace tollgate::services
