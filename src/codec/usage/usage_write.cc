#include "codec/usage/usage_json.h"

namespace tollgate::codec {
namespace {

// Totals of a whole system or key.
void total_members(JsonWriter& json, const ports::UsageCounts& counts) {
  json.member("totalRequests", counts.requests)
      .member("allowedRequests", counts.allowed)
      .member("rateLimitedRequests", counts.rate_limited)
      .member("unauthorizedRequests", counts.unauthorized)
      .member("errorRequests", counts.errors)
      .member("bytesIn", counts.bytes_in)
      .member("bytesOut", counts.bytes_out)
      .member("cost", counts.cost);
}

// Counts of one row among many.
void count_members(JsonWriter& json, const ports::UsageCounts& counts) {
  json.member("requests", counts.requests)
      .member("allowed", counts.allowed)
      .member("rateLimited", counts.rate_limited)
      .member("unauthorized", counts.unauthorized)
      .member("errors", counts.errors)
      .member("bytesIn", counts.bytes_in)
      .member("bytesOut", counts.bytes_out)
      .member("cost", counts.cost);
}

void latency_member(JsonWriter& json, const ports::LatencyMs& latency) {
  json.key("latencyMs")
      .begin_object()
      .member("p50", latency.p50)
      .member("p90", latency.p90)
      .member("p99", latency.p99)
      .end_object();
}

struct CountMember {
  ports::Metric metric;
  std::uint64_t ports::UsageCounts::* count;
};
constexpr CountMember kCountMembers[] = {{ports::Metric::requests, &ports::UsageCounts::requests},
                                         {ports::Metric::allowed, &ports::UsageCounts::allowed},
                                         {ports::Metric::rate_limited, &ports::UsageCounts::rate_limited},
                                         {ports::Metric::unauthorized, &ports::UsageCounts::unauthorized},
                                         {ports::Metric::errors, &ports::UsageCounts::errors},
                                         {ports::Metric::bytes_in, &ports::UsageCounts::bytes_in},
                                         {ports::Metric::bytes_out, &ports::UsageCounts::bytes_out},
                                         {ports::Metric::cost, &ports::UsageCounts::cost}};

void write_point(JsonWriter& json, const ports::SeriesPoint& point, const ports::MetricSet& metrics) {
  json.begin_array().value(point.time).begin_object();
  for (const CountMember& member : kCountMembers) {
    if (metrics.has(member.metric)) json.member(ports::name_of(member.metric), point.counts.*member.count);
  }
  if (metrics.has(ports::Metric::latency)) {
    json.member("p50Ms", point.latency.p50).member("p90Ms", point.latency.p90).member("p99Ms", point.latency.p99);
  }
  if (metrics.has(ports::Metric::clients)) json.member(ports::name_of(ports::Metric::clients), point.clients);
  json.end_object().end_array();
}

void write_group(JsonWriter& json, const ports::UsageGroup& group) {
  json.key("group").begin_object();
  for (const auto& [by, name] : group) json.member(by, name);
  json.end_object();
}

// What the answer covers, and how right it is.
void range_members(JsonWriter& json, const ports::AnsweredRange& range, const ports::MetricSet& metrics) {
  json.member("from", range.from).member("to", range.to);
  if (range.kept_from) json.member("keptFrom", *range.kept_from);
  const bool latency = metrics.has(ports::Metric::latency);
  const bool clients = metrics.has(ports::Metric::clients);
  json.member("exact", !latency && !clients);
  if (!latency && !clients) return;
  json.key("error").begin_object();
  if (latency) json.member("latency", core::Histogram::kRelativeErrorMax);
  if (clients) json.member("clients", core::kDistinctRelativeError);
  json.end_object();
}

}  // namespace

void write_system_stats(JsonWriter& json, const ports::SystemStats& stats,
                        const std::optional<ports::LogCounters>& log) {
  json.begin_object();
  total_members(json, stats.counts);
  json.member("requestsPerSecond", stats.requests_per_second);
  latency_member(json, stats.latency);
  json.member("activeKeys", stats.active_keys);
  json.key("clamped")
      .begin_object()
      .member("past", stats.clamped.past)
      .member("future", stats.clamped.future)
      .end_object();
  json.key("storage")
      .begin_object()
      .member("bytes", stats.storage.bytes)
      .member("freeBytes", stats.storage.free_bytes)
      .member("maxBytes", stats.storage.max_bytes)
      .end_object();
  if (log) {
    json.key("log")
        .begin_object()
        .member("produced", log->produced)
        .member("stored", log->stored)
        .member("spooled", log->spooled)
        .member("aggregated", log->aggregated)
        .member("dropped", log->dropped)
        .end_object();
  }
  json.end_object();
}

void write_key_usage(JsonWriter& json, core::KeyId key, const ports::KeyUsage& usage) {
  json.begin_object().member("key", key.view());
  total_members(json, usage.counts);
  latency_member(json, usage.latency);
  json.key("endpoints").begin_array();
  for (const ports::EndpointUsage& endpoint : usage.endpoints) {
    json.begin_object().member("route", endpoint.route).member("method", endpoint.method);
    count_members(json, endpoint.counts);
    latency_member(json, endpoint.latency);
    json.end_object();
  }
  json.end_array().member("lastUsedAt", usage.last_used_at).end_object();
}

void write_time_series(JsonWriter& json, const ports::SeriesAnswer& answer, const ports::MetricSet& metrics) {
  json.begin_object();
  range_members(json, answer.range, metrics);
  json.member("step", answer.step.count());
  json.key("series").begin_array();
  for (const ports::Series& one : answer.series) {
    json.begin_object();
    write_group(json, one.group);
    json.key("points").begin_array();
    for (const ports::SeriesPoint& point : one.points) write_point(json, point, metrics);
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

void write_latency(JsonWriter& json, const ports::LatencyAnswer& answer, std::span<const double> quantiles) {
  json.begin_object();
  range_members(json, answer.range, {ports::Metric::latency});
  json.key("quantiles").begin_array();
  for (const double quantile : quantiles) json.value(quantile);
  json.end_array().key("groups").begin_array();
  for (const ports::LatencyGroup& one : answer.groups) {
    json.begin_object();
    write_group(json, one.group);
    json.member("requests", one.requests).key("latencyMs").begin_array();
    for (const double ms : one.ms) json.value(ms);
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

void write_top(JsonWriter& json, const ports::TopAnswer& answer) {
  json.begin_object();
  range_members(json, answer.range, {ports::Metric::requests, ports::Metric::latency});
  write_top_entries(json.key("data"), answer.entries);
  json.end_object();
}

void write_top_entries(JsonWriter& json, const std::vector<ports::TopEntry>& entries) {
  json.begin_array();
  for (const ports::TopEntry& entry : entries) {
    json.begin_object().member("name", entry.name);
    count_members(json, entry.counts);
    latency_member(json, entry.latency);
    json.end_object();
  }
  json.end_array();
}

void write_recent(JsonWriter& json, const std::vector<ports::RecentMinute>& minutes) {
  json.begin_array();
  for (const ports::RecentMinute& minute : minutes) {
    json.begin_object().member("time", minute.time);
    count_members(json, minute.counts);
    json.end_object();
  }
  json.end_array();
}

}  // namespace tollgate::codec
