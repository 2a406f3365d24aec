// One request on its way through the phases.
#pragma once

#include "http/exchange.h"
#include "services/gateway/limits.h"
#include "services/gateway/worker.h"

namespace tollgate::services {

struct RequestContext {
  http::Exchange& exchange;
  GatewayWorker& worker;
  Scratch& scratch;

  std::string_view path;  // in normal form
  const PlannedRoute* route = nullptr;
  IpAddress client_ip;
  ClientNetwork client;
  bool peer_is_trusted = false;
  Caller caller;
  std::uint32_t generation = 0;  // of the keys it was looked up in
  RequestLimits limits;
  core::LimitOutcome outcome;
  bool presented_credential = false;
  std::uint32_t upstream_us = 0;
  bool recorded = false;
};

}  // namespace tollgate::services
