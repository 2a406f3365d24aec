#include "ports/usage_query.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tollgate::ports {
namespace {

// In the order of the enumerations.
constexpr auto kMetrics =
    std::to_array<std::string_view>({"requests", "allowed", "rateLimited", "unauthorized", "errors", "bytesIn",
                                     "bytesOut", "cost", "latency", "clients"});
constexpr auto kDimensions = std::to_array<std::string_view>({"key", "consumer", "route", "tier", "status", "method"});

template <class Value>
std::optional<Value> find(const auto& names, std::string_view name) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) return std::nullopt;
  return static_cast<Value>(at - names.begin());
}

}  // namespace

std::uint64_t value_of(const UsageCounts& counts, Metric metric) {
  switch (metric) {
    case Metric::requests: return counts.requests;
    case Metric::allowed: return counts.allowed;
    case Metric::rate_limited: return counts.rate_limited;
    case Metric::unauthorized: return counts.unauthorized;
    case Metric::errors: return counts.errors;
    case Metric::bytes_in: return counts.bytes_in;
    case Metric::bytes_out: return counts.bytes_out;
    case Metric::cost: return counts.cost;
    case Metric::latency:
    case Metric::clients: break;
  }
  return 0;
}

std::string_view name_of(Metric metric) {
  return kMetrics[static_cast<std::size_t>(metric)];
}
std::string_view name_of(Dimension dimension) {
  return kDimensions[static_cast<std::size_t>(dimension)];
}
std::optional<Metric> metric_of(std::string_view name) {
  return find<Metric>(kMetrics, name);
}
std::optional<Dimension> dimension_of(std::string_view name) {
  return find<Dimension>(kDimensions, name);
}

}  // namespace tollgate::ports
