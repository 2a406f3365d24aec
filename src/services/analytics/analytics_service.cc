#include "services/analytics/analytics_service.h"

#include "base/random.h"
#include "base/str.h"
#include "codec/json/writer.h"
#include "codec/usage/usage_json.h"
#include "core/usage/record_batch.h"
#include "services/analytics/event_input.h"
#include "services/analytics/query_parameters.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

constexpr std::string_view kBatchType = "application/vnd.tollgate.records";

bool has_type(const http::Request& request, std::string_view type) {
  const std::string_view given = request.header(codec::HeaderId::content_type);
  return str::iequals(str::trim(given.substr(0, given.find(';'))), type);
}

http::Response ack_response(const ports::IngestAck& ack) {
  std::string body;
  codec::JsonWriter(body)
      .begin_object()
      .member("storedThrough", ack.stored_through)
      .member("added", ack.added)
      .member("known", ack.known)
      .end_object();
  return http::json(std::move(body), ack.added > 0 ? 201 : 200);
}

}  // namespace

AnalyticsService::AnalyticsService(AnalyticsDependencies dependencies)
    : dependencies_(std::move(dependencies)),
      live_({.feed = dependencies_.intake.live(),
             .tail = dependencies_.intake.tail(),
             .names = dependencies_.names,
             .guard = dependencies_.guard}),
      requests_({.log = dependencies_.requests,
                 .names = dependencies_.names,
                 .pool = dependencies_.pool,
                 .guard = dependencies_.guard}),
      events_ring_(random_u64()) {
  live_.add_to(router_);
  requests_.add_to(router_);
  add("GET /api/analytics/system-stats", [this](http::Request& r) { return system_stats(r); });
  add("GET /api/analytics/api-keys/{key}", [this](http::Request& r) { return key_usage(r); });
  add("GET /api/analytics/time-series", [this](http::Request& r) { return time_series(r); });
  add("GET /api/analytics/top", [this](http::Request& r) { return top(r); });
  add("POST /api/analytics/log", [this](http::Request& r) { return take_log(r); }, core::kBatchBytesMax);
}

void AnalyticsService::add(std::string_view pattern, Work work, std::size_t max_body_bytes) {
  router_.add(pattern, {.guard = dependencies_.guard, .max_body_bytes = max_body_bytes},
              [this, work = std::move(work)](http::Request& request) { return run(request, work); });
}

Task<http::Response> AnalyticsService::run(http::Request& request, const Work& work) {
  auto result = co_await dependencies_.pool.run(request.loop(), [&] { return work(request); });
  if (result) co_return *std::move(result);
  if (result.error().code().source != ErrorSource::caller)
    telemetry::log_error("analytics", "request failed", result.error());
  co_return http::problem(result.error(), request.id());
}

Result<http::Response> AnalyticsService::system_stats(http::Request&) {
  TG_TRY(const ports::SystemStats stats, dependencies_.usage.system_stats(dependencies_.clock.wall_now()));
  std::string body;
  codec::JsonWriter json(body);
  codec::write_system_stats(json, stats, dependencies_.log_counters ? dependencies_.log_counters() : std::nullopt);
  return http::json(std::move(body));
}

Result<http::Response> AnalyticsService::key_usage(http::Request& request) {
  const std::string_view text = request.param("key");
  const auto parsed = core::parse_api_key(text);
  const auto id = parsed ? std::optional(parsed->id) : core::KeyId::parse(text);
  if (!id) return fail(codes::key_not_found);
  TG_TRY(const auto usage, dependencies_.usage.key_usage(*id, dependencies_.clock.wall_now()));
  if (!usage) return fail(codes::key_not_found, "no request with this key has been recorded");
  std::string body;
  codec::JsonWriter json(body);
  codec::write_key_usage(json, *id, *usage);
  return http::json(std::move(body));
}

Result<http::Response> AnalyticsService::time_series(http::Request& request) {
  TG_TRY(const ports::SeriesQuery query, read_series_query(request, dependencies_.clock.wall_now()));
  TG_TRY(const auto series, dependencies_.usage.time_series(query));
  std::string body;
  codec::JsonWriter json(body);
  codec::write_time_series(json, query, series);
  return http::json(std::move(body));
}

Result<http::Response> AnalyticsService::top(http::Request& request) {
  TG_TRY(const TopQuery query, read_top_query(request, dependencies_.clock.wall_now()));
  const auto [from, to] = query.range;
  TG_TRY(const auto entries, query.by == TopQuery::By::key ? dependencies_.usage.top_keys(from, to, query.count)
                                                           : dependencies_.usage.top_endpoints(from, to, query.count));
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("data");
  codec::write_top(json, entries);
  json.end_object();
  return http::json(std::move(body));
}

Result<http::Response> AnalyticsService::take_log(http::Request& request) {
  if (!has_type(request, kBatchType)) return take_events(request);
  TG_TRY(const core::RecordBatch batch, core::decode_batch(request.body()));
  TG_TRY(const ports::IngestAck ack, dependencies_.intake.ingest(batch));
  return ack_response(ack);
}

Result<http::Response> AnalyticsService::take_events(http::Request& request) {
  const bool ndjson = has_type(request, "application/x-ndjson");
  if (!ndjson && !has_type(request, "application/json")) {
    return fail(codes::unsupported_media_type, str::cat("send application/json, application/x-ndjson or ", kBatchType));
  }
  TG_TRY(ReportedEvents events,
         read_events({.body = request.body(), .ndjson = ndjson}, dependencies_.clock.wall_now()));
  // One at a time: sequences must reach the store in order.
  const std::lock_guard lock(events_mutex_);
  core::RecordBatch batch{
      .ring_id = events_ring_, .names = std::move(events.names), .records = std::move(events.records)};
  for (std::size_t i = 0; i < batch.records.size(); ++i) batch.records[i].sequence = events_sequence_ + i;
  TG_TRY(const ports::IngestAck ack, dependencies_.intake.ingest(batch));
  events_sequence_ += batch.records.size();
  return ack_response(ack);
}

}  // namespace tollgate::services
