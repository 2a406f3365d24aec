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

void write_point(JsonWriter& json, const ports::SeriesPoint& point) {
  json.begin_array().value(point.time).begin_object();
  count_members(json, point.counts);
  json.member("p50Ms", point.latency.p50)
      .member("p90Ms", point.latency.p90)
      .member("p99Ms", point.latency.p99)
      .end_object()
      .end_array();
}

}  // namespace

void write_system_stats(JsonWriter& json, const ports::SystemStats& stats,
                        const std::optional<ports::LogCounters>& log) {
  json.begin_object();
  total_members(json, stats.counts);
  json.member("requestsPerSecond", stats.requests_per_second);
  latency_member(json, stats.latency);
  json.member("activeKeys", stats.active_keys);
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

void write_time_series(JsonWriter& json, const ports::SeriesQuery& query, const std::vector<ports::Series>& series) {
  json.begin_object().member("from", query.from).member("to", query.to).member("step", query.step.count());
  json.key("series").begin_array();
  for (const ports::Series& one : series) {
    json.begin_object().key("group").begin_object();
    for (const auto& [by, name] : one.group) json.member(by, name);
    json.end_object().key("points").begin_array();
    for (const ports::SeriesPoint& point : one.points) write_point(json, point);
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

void write_top(JsonWriter& json, const std::vector<ports::TopEntry>& entries) {
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
