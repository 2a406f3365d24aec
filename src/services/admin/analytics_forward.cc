#include "services/admin/analytics_forward.h"

#include "base/str.h"
#include "http/fetch_stream.h"
#include "http/stream.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

constexpr Millis kHeadDeadline{10'000};
constexpr Millis kSilence{60'000};  // streams without an end show every 15 s that they live
constexpr Millis kLookUp{500};      // how often the client is looked at meanwhile
constexpr std::size_t kProblemMax = 64 * 1024;

http::FetchRequest passed_on(const http::Request& request, const http::Exchange& exchange, const std::string& token) {
  http::FetchRequest fetch;
  fetch.target = exchange.path();
  if (!exchange.query().empty()) str::append(fetch.target, "?", exchange.query());
  fetch.headers.emplace_back("Authorization", str::cat("Bearer ", token));
  for (const std::string_view name : {"Accept", "Last-Event-ID"}) {
    const std::string_view value = request.header(name);
    if (!value.empty()) fetch.headers.emplace_back(name, value);
  }
  return fetch;
}

Task<Result<std::string>> read_whole(http::FetchStream& stream, MonoTime deadline) {
  std::string body;
  while (body.size() <= kProblemMax) {
    Task<Result<std::string_view>> reading = stream.next(deadline);
    const auto piece = co_await reading;
    if (!piece) co_return std::unexpected(piece.error());
    if (piece->empty()) co_return body;
    body.append(*piece);
  }
  co_return fail(codes::upstream_invalid_response, "the problem is too large");
}

// Whatever is no 200 is short and whole.
Task<Result<http::Response>> whole_response(http::FetchStream& stream, std::uint16_t status, MonoTime deadline) {
  Task<Result<std::string>> reading = read_whole(stream, deadline);
  auto body = co_await reading;
  if (!body) co_return std::unexpected(std::move(body).error());
  http::Response response{.status = status, .headers = {}, .body = *std::move(body)};
  for (const std::string_view name : {"Content-Type", "Retry-After"}) {
    const std::string_view value = stream.header(name);
    if (!value.empty()) response.header(std::string(name), std::string(value));
  }
  co_return response;
}

// Piece by piece, each only once the client has taken the one before.
Task<void> pass_on(http::FetchStream& from, http::StreamedResponse& to, runtime::EventLoop& loop) {
  MonoTime silent_until = loop.now() + kSilence;
  bool there = true;
  while (there && !to.should_end()) {
    const MonoTime now = loop.now();
    Task<Result<std::string_view>> reading = from.next(now + kLookUp);
    const auto piece = co_await reading;
    const bool waits = !piece && piece.error().is(codes::upstream_timeout) && now < silent_until;
    if (waits) continue;
    if (!piece) {
      to.abort();
      co_return;
    }
    if (piece->empty()) break;
    silent_until = now + kSilence;
    there = co_await to.write(*piece);
  }
  co_await to.end();
}

}  // namespace

void AnalyticsForward::add_to(http::Router& router, const http::Guard& guard) {
  for (const char* pattern : {"GET /api/analytics/{question}", "GET /api/analytics/{question}/{name}"}) {
    router.add_stream(pattern, {.guard = guard, .max_body_bytes = 0},
                      [this](http::Request& request) { return forward(request); });
  }
}

Task<void> AnalyticsForward::forward(http::Request& request) {
  http::Exchange& exchange = request.exchange();
  http::UpstreamPool pool(request.loop(), {.target = target_, .max_idle = 1});
  http::FetchStream stream(pool);
  const http::FetchRequest asked = passed_on(request, exchange, service_token_);
  const MonoTime deadline = request.loop().now() + kHeadDeadline;
  Task<Result<std::uint16_t>> beginning = stream.begin(asked, deadline);
  const auto status = co_await beginning;
  Result<http::Response> whole = status ? http::Response{} : Result<http::Response>(std::unexpected(status.error()));
  if (status && *status != 200) {
    Task<Result<http::Response>> reading = whole_response(stream, *status, deadline);
    whole = co_await reading;
  }
  if (!whole) {
    telemetry::log_error("admin", "analytics_unreachable", whole.error());
    co_await exchange.respond(http::problem(Error(codes::store_unavailable), request.id()));
    co_return;
  }
  if (*status != 200) {
    co_await exchange.respond(*std::move(whole));
    co_return;
  }
  std::string fields;
  const std::string_view disposition = stream.header("Content-Disposition");
  if (!disposition.empty()) str::append(fields, "Content-Disposition: ", disposition, "\r\n");
  http::StreamedResponse response(exchange);
  const bool begun = co_await response.begin(stream.header("Content-Type"), fields);
  if (!begun || !response.wants_text()) {
    co_await response.end();
    co_return;
  }
  Task<void> passing = pass_on(stream, response, request.loop());
  co_await passing;
}

}  // namespace tollgate::services
