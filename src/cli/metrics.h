// What services show on /metrics besides their own counters: figures of the stores behind them.
#pragma once

#include <functional>
#include <optional>

#include "http/router.h"
#include "http/server.h"
#include "ports/decision_log.h"
#include "ports/request_log.h"
#include "ports/usage_store.h"
#include "stores/memory/memory_limit_store.h"
#include "stores/remote/remote_limit_store.h"
#include "stores/segments/decision_log.h"
#include "telemetry/metrics.h"

namespace tollgate::cli {

void add_limit_metrics(telemetry::Registry& registry, const stores::MemoryLimitStore& limits);

// How it goes with a limiter in another process, and what was decided without it.
void add_remote_limit_metrics(telemetry::Registry& registry, const stores::RemoteLimitStore& limits);

// produced = stored + spooled + aggregated + dropped, and what is unaccounted for: always 0.
void add_log_metrics(telemetry::Registry& registry, std::function<std::optional<ports::LogCounters>()> counters);

// What the request log has: records, bytes, files, and places that cannot be read.
void add_request_log_metrics(telemetry::Registry& registry, const ports::RequestLog& log);

// How the log on this gateway's disk fares.
void add_log_health_metrics(telemetry::Registry& registry, const stores::SegmentDecisionLog& log);

// What roll-ups take on disk, and records whose time was not believed.
void add_usage_metrics(telemetry::Registry& registry, ports::UsageReader& usage, const Clock& clock);

// Clients' connections to a service: open, and turned away.
void add_connection_metrics(telemetry::Registry& registry, const std::shared_ptr<const http::ServerCounts>& counts);

// GET /health, as the original system had it.
void add_health_endpoint(http::Router& router);

}  // namespace tollgate::cli
