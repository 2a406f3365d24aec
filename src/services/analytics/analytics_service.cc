#include "services/analytics/analytics_service.h"

#include <algorithm>
#include <any>

#include "base/str.h"
#include "codec/json/writer.h"
#include "codec/usage/usage_json.h"
#include "core/usage/record_batch.h"
#include "crypto/sha256.h"
#include "services/analytics/answer.h"
#include "services/analytics/event_input.h"
#include "services/analytics/query_parameters.h"

namespace tollgate::services {
namespace {

constexpr std::string_view kBatchType = "application/vnd.tollgate.records";
constexpr std::size_t kMarkBytesMax = 255;

bool has_type(const http::Request& request, std::string_view type) {
  const std::string_view given = request.header(codec::HeaderId::content_type);
  return str::iequals(str::trim(given.substr(0, given.find(';'))), type);
}

// Who sends it, as the guard knows it.
std::string caller_of(http::Request& request) {
  const auto* const name = std::any_cast<std::string>(&request.caller());
  return name == nullptr ? std::string() : *name;
}

Result<std::optional<ports::PostMark>> read_mark(http::Request& request) {
  const std::string_view text = request.header("Idempotency-Key");
  if (text.empty()) return std::nullopt;
  if (text.size() > kMarkBytesMax) {
    return fail(codes::invalid_parameter, "Idempotency-Key must have at most 255 characters.");
  }
  return ports::PostMark{
      .caller = caller_of(request), .key = crypto::sha256(text), .document = crypto::sha256(request.body())};
}

// Producers may well give the same ids.
ports::EventId event_id(http::Request& request, std::string_view id) {
  const auto digest = crypto::sha256(str::cat(caller_of(request), std::string_view("\0", 1), id));
  ports::EventId short_id{};
  std::copy_n(digest.begin(), short_id.size(), short_id.begin());
  return short_id;
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
      report_({.usage = dependencies_.usage, .pool = dependencies_.pool, .guard = dependencies_.guard}),
      live_({.feed = dependencies_.intake.live(),
             .tail = dependencies_.intake.tail(),
             .names = dependencies_.names,
             .guard = dependencies_.guard}),
      requests_({.log = dependencies_.requests,
                 .names = dependencies_.names,
                 .pool = dependencies_.pool,
                 .guard = dependencies_.guard}) {
  live_.add_to(router_);
  requests_.add_to(router_);
  add("GET /api/analytics/system-stats", [this](http::Request& r) { return system_stats(r); });
  add("GET /api/analytics/api-keys/{key}", [this](http::Request& r) { return key_usage(r); });
  add("GET /api/analytics/time-series", [this](http::Request& r) { return time_series(r); });
  add("GET /api/analytics/latency", [this](http::Request& r) { return latency(r); });
  add("GET /api/analytics/top", [this](http::Request& r) { return top(r); });
  report_.add_to(router_);
  add("POST /api/analytics/log", [this](http::Request& r) { return take_log(r); }, core::kBatchBytesMax);
}

void AnalyticsService::add(std::string_view pattern, Work work, std::size_t max_body_bytes) {
  router_.add(pattern, {.guard = dependencies_.guard, .max_body_bytes = max_body_bytes},
              [this, work = std::move(work)](http::Request& request) { return run(request, work); });
}

Task<http::Response> AnalyticsService::run(http::Request& request, const Work& work) {
  auto result = co_await dependencies_.pool.run(request.loop(), [&] { return work(request); });
  co_return answer(std::move(result), request.id());
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
  TG_TRY(const ports::SeriesAnswer answer, dependencies_.usage.time_series(query));
  std::string body;
  codec::JsonWriter json(body);
  codec::write_time_series(json, answer, query.metrics);
  return http::json(std::move(body));
}

Result<http::Response> AnalyticsService::latency(http::Request& request) {
  TG_TRY(const ports::LatencyQuery query, read_latency_query(request, dependencies_.clock.wall_now()));
  TG_TRY(const ports::LatencyAnswer answer, dependencies_.usage.latency(query));
  std::string body;
  codec::JsonWriter json(body);
  codec::write_latency(json, answer, query.quantiles);
  return http::json(std::move(body));
}

Result<http::Response> AnalyticsService::top(http::Request& request) {
  TG_TRY(const ports::TopQuery query, read_top_query(request, dependencies_.clock.wall_now()));
  TG_TRY(const ports::TopAnswer answer, dependencies_.usage.top(query));
  std::string body;
  codec::JsonWriter json(body);
  codec::write_top(json, answer);
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
  TG_TRY(const std::optional<ports::PostMark> mark, read_mark(request));
  TG_TRY(ReportedEvents events,
         read_events({.body = request.body(), .ndjson = ndjson}, dependencies_.clock.wall_now()));
  ports::EventPost post{
      .names = std::move(events.names), .records = std::move(events.records), .ids = {}, .mark = mark};
  for (const auto& id : events.ids) post.ids.push_back(id ? std::optional(event_id(request, *id)) : std::nullopt);
  TG_TRY(const ports::PostAck ack, dependencies_.intake.post(post));
  std::string body;
  codec::JsonWriter(body)
      .begin_object()
      .member("added", ack.added.records.size())
      .member("known", ack.known)
      .end_object();
  http::Response response = http::json(std::move(body), ack.added.records.empty() ? 200 : 201);
  if (ack.repeated) response.header("Idempotency-Replayed", "true");
  return response;
}

}  // namespace tollgate::services
