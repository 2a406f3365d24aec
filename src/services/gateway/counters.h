// A worker's numbers for /metrics: written by it alone, read by whoever asks.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "core/usage/decision_record.h"
#include "telemetry/metrics.h"

namespace tollgate::services {

// Upper bounds of the request duration histogram, microseconds.
inline constexpr std::array<std::uint32_t, 14> kDurationBoundsUs{
    100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000, 1'000'000, 5'000'000, 30'000'000};

struct alignas(64) GatewayCounters {
  std::array<telemetry::OwnedCounter, 8> outcomes;        // by core::Outcome
  std::array<telemetry::OwnedCounter, 6> status_classes;  // by status ÷ 100; [0]: no response
  std::array<telemetry::OwnedCounter, kDurationBoundsUs.size() + 1> durations;
  telemetry::OwnedCounter duration_sum_us;
  telemetry::OwnedCounter upstream_connects;
  telemetry::OwnedCounter upstream_reuses;
  telemetry::OwnedCounter upstream_retries;
  telemetry::OwnedCounter bytes_in;
  telemetry::OwnedCounter bytes_out;
  telemetry::OwnedCounter underscored_fields_dropped;
};

// `workers` outlive the registry's use.
void register_gateway_metrics(telemetry::Registry& registry, std::vector<const GatewayCounters*> workers);

}  // namespace tollgate::services
