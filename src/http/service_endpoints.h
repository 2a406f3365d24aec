// What every service answers: /healthz, /readyz, /version (open) and /metrics (loopback, or with the service token).
#pragma once

#include <functional>
#include <string>

#include "http/router.h"
#include "telemetry/metrics.h"

namespace tollgate::http {

struct ServiceInfo {
  std::string name;     // "gateway"
  std::string version;  // "0.1.0"
  // Empty when ready, else the reason: shown by /readyz with 503.
  std::function<std::string()> not_ready_because;
  std::string service_token;
  const telemetry::Registry* metrics = nullptr;
};

void add_service_endpoints(Router& router, ServiceInfo info);

// A guard that lets callers with this bearer token pass (compared in constant time).
Guard service_token_guard(std::string token);

}  // namespace tollgate::http
