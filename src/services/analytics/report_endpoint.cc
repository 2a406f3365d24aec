#include "services/analytics/report_endpoint.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "base/str.h"
#include "codec/json/writer.h"
#include "codec/usage/usage_json.h"
#include "http/stream.h"
#include "services/analytics/answer.h"
#include "services/analytics/query_text.h"
#include "telemetry/log.h"

namespace tollgate::services {

using ports::ReportEntry;
using ports::ReportQuery;

namespace {

constexpr std::uint64_t kRowsAnEntry = 16;  // of a key, in a month
constexpr std::uint64_t kPageRowsMin = 16 * 1024;

struct Period {
  WallTime from{};
  WallTime to{};
};

// "2026-11": that month of UTC.
std::optional<Period> parse_month(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const auto year = str::parse_int<int>(text.substr(0, 4));
  const auto month = str::parse_int<unsigned>(text.substr(5));
  if (!year || !month || *year < 1970 || *month < 1 || *month > 12) return std::nullopt;
  const auto first = std::chrono::year(*year) / std::chrono::month(*month) / 1;
  return Period{.from = std::chrono::sys_days(first), .to = std::chrono::sys_days(first + std::chrono::months(1))};
}

Result<Period> read_period(const http::Request& request) {
  const auto month = request.query("month");
  const bool has_bounds = request.query("from") && request.query("to");
  if (month && (request.query("from") || request.query("to"))) {
    return bad_parameter("month", "stands for from and to; give the one or the others");
  }
  if (!month && !has_bounds) return bad_parameter("month", "such as 2026-11 is needed, or from and to");
  if (month) {
    const auto period = parse_month(*month);
    if (!period) return bad_parameter("month", "is not a month such as 2026-11");
    return *period;
  }
  Period period;
  TG_TRY(period.from, read_time(request, "from", WallTime{}));
  TG_TRY(period.to, read_time(request, "to", WallTime{}));
  return period;
}

Result<ReportQuery::By> read_by(const http::Request& request) {
  const std::string_view text = request.query("by").value_or("key");
  for (const auto by : {ReportQuery::By::key, ReportQuery::By::consumer, ReportQuery::By::tier}) {
    if (text == codec::name_of(by)) return by;
  }
  return bad_parameter("by", "is one of key, consumer and tier");
}

// What the caller says, or else what it accepts.
Result<bool> wants_csv(const http::Request& request) {
  const auto format = request.query("format");
  if (!format) return request.header("Accept").find("text/csv") != std::string_view::npos;
  if (*format != "csv" && *format != "json") return bad_parameter("format", "is csv or json");
  return *format == "csv";
}

}  // namespace

void ReportEndpoint::add_to(http::Router& router) {
  router.add_stream("GET /api/analytics/usage", {.guard = dependencies_.guard, .max_body_bytes = 0},
                    [this](http::Request& request) { return answer(request); });
}

Result<ReportEndpoint::Wanted> ReportEndpoint::read(const http::Request& request) {
  auto known = expect_parameters(request, {"by", "from", "to", "month", "format", "limit", "cursor"});
  if (!known) return std::unexpected(std::move(known).error());
  Wanted wanted;
  TG_TRY(const Period period, read_period(request));
  wanted.query.from = period.from;
  wanted.query.to = period.to;
  TG_TRY(wanted.query.by, read_by(request));
  TG_TRY(wanted.csv, wants_csv(request));
  TG_TRY(wanted.limit, read_count(request, "limit", wanted.limit));
  wanted.cursor = request.query("cursor").transform([](std::string_view text) { return std::string(text); });
  if (wanted.csv && (wanted.cursor || request.query("limit"))) {
    return bad_parameter(wanted.cursor ? "cursor" : "limit", "is for pages of JSON; CSV has all entries");
  }
  if (!wanted.csv) wanted.query.rows = std::max<std::uint64_t>(wanted.limit * kRowsAnEntry, kPageRowsMin);
  return wanted;
}

Task<void> ReportEndpoint::answer(http::Request& request) {
  const Result<Wanted> wanted = read(request);
  if (!wanted) {
    co_await request.exchange().respond(http::problem(wanted.error(), request.id()));
    co_return;
  }
  if (wanted->csv) {
    co_await stream(request, *wanted);
    co_return;
  }
  auto response = co_await dependencies_.pool.run(request.loop(), [&] { return page(*wanted); });
  co_await request.exchange().respond(services::answer(std::move(response), request.id()));
}

Result<http::Response> ReportEndpoint::page(const Wanted& wanted) {
  TG_TRY(ReportReader reader, ReportReader::begin(dependencies_.usage, wanted.query, wanted.cursor));
  std::vector<ReportEntry> entries;
  while (entries.size() <= wanted.limit) {
    TG_TRY(std::vector<ReportEntry> more, reader.next());
    if (more.empty()) break;
    std::ranges::move(more, std::back_inserter(entries));
  }
  TG_TRY(const ports::UsageCounts total, report_total(dependencies_.usage, wanted.query));
  std::optional<std::string> next;
  if (entries.size() > wanted.limit) {
    entries.resize(wanted.limit);
    next = entries.back().name;
  }
  std::string body;
  codec::JsonWriter json(body);
  codec::write_report(json, {.query = wanted.query, .entries = entries, .total = total, .next_cursor = next});
  return http::json(std::move(body));
}

// Each part is read when the one before has been sent, so that a slow reader holds nothing up. The last row is the sum
// of those above it.
Task<void> ReportEndpoint::stream(http::Request& request, const Wanted& wanted) {
  auto reader = ReportReader::begin(dependencies_.usage, wanted.query, {});
  std::vector<ReportEntry> entries;
  const auto read_on = [&]() -> Result<void> {
    TG_TRY(entries, reader->next());
    return {};
  };
  Result<void> read = co_await dependencies_.pool.run(request.loop(), read_on);
  if (!read) {
    co_await request.exchange().respond(failed(read.error(), request.id()));
    co_return;
  }
  http::StreamedResponse stream(request.exchange());
  bool there =
      co_await stream.begin("text/csv; charset=utf-8", "Content-Disposition: attachment; filename=\"usage.csv\"\r\n");
  std::string text;
  codec::append_report_head(text);
  ReportEntry total;
  while (there && stream.wants_text() && !entries.empty()) {
    for (const ReportEntry& entry : entries) {
      codec::append_report_row(text, codec::name_of(wanted.query.by), entry);
      total.counts += entry.counts;
    }
    there = co_await stream.write(text);
    text.clear();
    if (there) read = co_await dependencies_.pool.run(request.loop(), read_on);
    if (!read) {
      telemetry::log_error("analytics", "a usage report could not be finished", read.error());
      stream.abort();
      co_return;
    }
  }
  codec::append_report_row(text, "total", total);
  if (there && stream.wants_text()) co_await stream.write(text);
  co_await stream.end();
}

}  // namespace tollgate::services
