// Analytics' reads under admin's own origin, where analytics is another process: passed on as they are, and the answer
// as it comes, without an end where it has none. Who is calling admin has judged; analytics sees the service token.
//
// A connection for each: people ask seldom, and one that streams is kept for itself anyway.
// Thread safety: add_to() before serving; any loop.
#pragma once

#include <string>
#include <utility>

#include "http/router.h"
#include "http/upstream.h"

namespace tollgate::services {

class AnalyticsForward {
 public:
  AnalyticsForward(http::UpstreamTarget target, std::string service_token)
      : target_(std::move(target)), service_token_(std::move(service_token)) {}
  AnalyticsForward(const AnalyticsForward&) = delete;
  AnalyticsForward& operator=(const AnalyticsForward&) = delete;
  ~AnalyticsForward() = default;

  void add_to(http::Router& router, const http::Guard& guard);

 private:
  Task<void> forward(http::Request& request);

  http::UpstreamTarget target_;
  std::string service_token_;
};

}  // namespace tollgate::services
