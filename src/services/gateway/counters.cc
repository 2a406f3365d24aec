#include "services/gateway/counters.h"

#include <memory>

namespace tollgate::services {
namespace {

constexpr std::array<const char*, 8> kOutcomeNames{
    "allowed", "limited", "unauthenticated", "forbidden", "bad_request", "upstream_error", "shed", "local"};

using Workers = std::shared_ptr<const std::vector<const GatewayCounters*>>;

template <class Pick>
std::function<double()> sum_of(const Workers& workers, Pick pick) {
  return [workers, pick] {
    std::uint64_t sum = 0;
    for (const GatewayCounters* worker : *workers) sum += pick(*worker).value();
    return static_cast<double>(sum);
  };
}

telemetry::HistogramSnapshot durations_of(const Workers& workers) {
  telemetry::HistogramSnapshot snapshot;
  for (const std::uint32_t bound : kDurationBoundsUs) snapshot.bounds.push_back(bound / 1e6);
  snapshot.counts.resize(kDurationBoundsUs.size() + 1);
  for (const GatewayCounters* worker : *workers) {
    for (std::size_t i = 0; i < snapshot.counts.size(); ++i) snapshot.counts[i] += worker->durations[i].value();
    snapshot.sum += static_cast<double>(worker->duration_sum_us.value()) / 1e6;
  }
  return snapshot;
}

}  // namespace

void register_gateway_metrics(telemetry::Registry& registry, std::vector<const GatewayCounters*> all) {
  const Workers workers = std::make_shared<const std::vector<const GatewayCounters*>>(std::move(all));
  for (std::size_t i = 0; i < kOutcomeNames.size(); ++i) {
    registry.counter("tollgate_requests_total", "Requests by what became of them.", {{"outcome", kOutcomeNames[i]}},
                     sum_of(workers, [i](const GatewayCounters& c) -> const auto& { return c.outcomes[i]; }));
  }
  for (std::size_t i = 1; i < 6; ++i) {
    registry.counter("tollgate_responses_total", "Responses by status class.", {{"class", std::to_string(i) + "xx"}},
                     sum_of(workers, [i](const GatewayCounters& c) -> const auto& { return c.status_classes[i]; }));
  }
  registry.histogram("tollgate_request_duration_seconds", "First byte of a request to the last byte of its response.",
                     {}, [workers] { return durations_of(workers); });
  const auto add = [&](const char* name, const char* help, telemetry::OwnedCounter GatewayCounters::* member) {
    registry.counter(name, help, {},
                     sum_of(workers, [member](const GatewayCounters& c) -> const auto& { return c.*member; }));
  };
  add("tollgate_upstream_connects_total", "New connections to upstreams.", &GatewayCounters::upstream_connects);
  add("tollgate_upstream_reuses_total", "Requests sent on a pooled connection.", &GatewayCounters::upstream_reuses);
  add("tollgate_upstream_retries_total", "Requests sent again because they provably did not run.",
      &GatewayCounters::upstream_retries);
  add("tollgate_request_body_bytes_total", "Body bytes from clients.", &GatewayCounters::bytes_in);
  add("tollgate_response_bytes_total", "Bytes written to clients, heads included.", &GatewayCounters::bytes_out);
  add("tollgate_underscored_fields_dropped_total", "Request fields dropped because their name holds an underscore.",
      &GatewayCounters::underscored_fields_dropped);
}

}  // namespace tollgate::services
