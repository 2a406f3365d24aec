#include "services/analytics/request_endpoints.h"

#include <charconv>

#include "base/str.h"
#include "codec/json/writer.h"
#include "codec/usage/request_json.h"
#include "http/stream.h"
#include "services/analytics/answer.h"
#include "services/analytics/explanation.h"
#include "services/analytics/record_query.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

using core::LoggedRecord;

std::optional<std::uint64_t> parse_decision_id(std::string_view text) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  if (text.size() != 16 || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

void write_requests(codec::JsonWriter& json, const std::vector<LoggedRecord>& records,
                    const ports::NameDirectory& names) {
  json.begin_array();
  for (const LoggedRecord& logged : records) {
    json.begin_object();
    codec::write_request_members(json, logged, names);
    json.end_object();
  }
  json.end_array();
}

// What was read; `exact` is false where part of the log cannot be read.
void write_read(codec::JsonWriter& json, const ports::RequestsRead& read) {
  json.member("exact", read.damaged == 0)
      .key("read")
      .begin_object()
      .member("blocks", read.blocks)
      .member("bytes", read.bytes)
      .member("damagedBlocks", read.damaged)
      .end_object();
}

void write_token_users(codec::JsonWriter& json, const TokenUsers& users, const ports::NameDirectory& names) {
  json.key("usedBy");
  if (users.limit.empty()) {
    json.value(nullptr);
    return;
  }
  json.begin_object()
      .member("limit", users.limit)
      .member("tokens", users.tokens)
      .member("complete", users.complete)
      .key("requests");
  write_requests(json, users.requests, names);
  json.end_object();
}

// Counts an export while it goes on.
class Turn {
 public:
  Turn(std::atomic<int>& count, int max) : count_(count), granted_(count_.fetch_add(1) < max) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { count_.fetch_sub(1); }
  bool granted() const { return granted_; }

 private:
  std::atomic<int>& count_;
  bool granted_;
};

}  // namespace

void RequestEndpoints::add_to(http::Router& router) {
  const http::EndpointOptions options{.guard = dependencies_.guard, .max_body_bytes = 0};
  router.add("GET /api/analytics/requests", options, [this](http::Request& r) { return search(r); });
  router.add("GET /api/analytics/decisions/{id}", options, [this](http::Request& r) { return decision(r); });
  router.add_stream("GET /api/analytics/export.csv", options,
                    [this](http::Request& r) { return export_records(r, Format::csv); });
  router.add_stream("GET /api/analytics/export.ndjson", options,
                    [this](http::Request& r) { return export_records(r, Format::ndjson); });
}

Task<http::Response> RequestEndpoints::search(http::Request& request) {
  auto page = co_await dependencies_.pool.run(request.loop(), [&] { return find_page(request); });
  co_return answer(std::move(page), request.id());
}

Task<http::Response> RequestEndpoints::decision(http::Request& request) {
  auto found = co_await dependencies_.pool.run(request.loop(), [&] { return find_decision(request); });
  co_return answer(std::move(found), request.id());
}

Result<http::Response> RequestEndpoints::find_page(const http::Request& request) {
  TG_TRY(const ports::RequestQuery query, read_request_query(request));
  TG_TRY(const ports::RequestPage page, dependencies_.log.search(query));
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("data");
  write_requests(json, page.records, dependencies_.names);
  json.member("nextCursor", page.next_cursor.empty() ? std::nullopt : std::optional(page.next_cursor));
  write_read(json, page.read);
  json.end_object();
  return http::json(std::move(body));
}

Result<http::Response> RequestEndpoints::find_decision(const http::Request& request) {
  const auto id = parse_decision_id(request.param("id"));
  if (!id) return fail(codes::decision_not_found, "a decision id is 16 hex digits, as in X-Request-Id");
  TG_TRY(const auto found, dependencies_.log.find(*id));
  if (found.empty()) return fail(codes::decision_not_found, "no request with this id is in the log, or not any more");
  const LoggedRecord& logged = found.front();
  TG_TRY(const TokenUsers users, find_token_users(logged, dependencies_.log, dependencies_.names));
  const core::DecisionRecord& record = logged.record;
  std::optional<WallTime> would_pass;
  if (record.outcome == core::Outcome::limited && record.retry_after_ms > 0) {
    would_pass = WallTime(Nanos(record.time_ns) + Millis(record.retry_after_ms));
  }
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object();
  codec::write_request_members(json, logged, dependencies_.names);
  json.member("explanation", explain(record, dependencies_.names)).member("wouldPassAt", would_pass);
  write_token_users(json, users, dependencies_.names);
  json.member("othersWithThisId", found.size() - 1).end_object();
  return http::json(std::move(body));
}

std::string RequestEndpoints::as_text(const std::vector<LoggedRecord>& records, Format format) const {
  std::string text;
  for (const LoggedRecord& logged : records) {
    if (format == Format::csv) {
      codec::append_csv_row(text, logged, dependencies_.names);
      continue;
    }
    codec::JsonWriter json(text);
    json.begin_object();
    codec::write_request_members(json, logged, dependencies_.names);
    json.end_object();
    text += '\n';
  }
  return text;
}

Task<void> RequestEndpoints::export_records(http::Request& request, Format format) {
  const Turn turn(exports_, kExportsMax);
  auto filter = read_record_filter(request, {});
  if (filter && !turn.granted()) {
    filter = fail(codes::busy, str::cat("at most ", kExportsMax, " exports at once"));
  }
  if (filter) {
    co_await stream_records(request, *filter, format);
  } else {
    co_await request.exchange().respond(http::problem(filter.error(), request.id()));
  }
}

Task<void> RequestEndpoints::stream_records(http::Request& request, const core::RecordFilter& filter, Format format) {
  auto scan = co_await dependencies_.pool.run(request.loop(), [&] { return dependencies_.log.scan(filter); });
  if (!scan) {
    co_await request.exchange().respond(answer(std::unexpected(scan.error()), request.id()));
    co_return;
  }
  http::StreamedResponse stream(request.exchange());
  const bool csv = format == Format::csv;
  bool there = co_await stream.begin(csv ? "text/csv; charset=utf-8" : "application/x-ndjson",
                                     csv ? "Content-Disposition: attachment; filename=\"requests.csv\"\r\n" : "");
  std::string text;
  if (csv) codec::append_csv_header(text);
  std::vector<LoggedRecord> records;
  const auto read_on = [&]() -> Result<void> {
    auto next = (*scan)->next(records);
    if (next) text += as_text(records, format);
    return next;
  };
  while (there && stream.wants_text()) {
    const Result<void> next = co_await dependencies_.pool.run(request.loop(), read_on);
    if (!next) {
      telemetry::log_error("analytics", "an export could not be finished", next.error());
      stream.abort();
      co_return;
    }
    there = co_await stream.write(text);
    text.clear();
    if (records.empty()) break;
  }
  co_await stream.end();
}

}  // namespace tollgate::services
