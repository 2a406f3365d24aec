#include "services/backend/backend_service.h"

#include <cmath>

#include "base/str.h"
#include "codec/json/object_reader.h"
#include "codec/json/parse.h"
#include "codec/json/writer.h"
#include "services/backend/echo.h"
#include "services/backend/pause.h"
#include "services/backend/query_number.h"
#include "services/backend/streams.h"

namespace tollgate::services {

using http::Request;
using http::Response;

namespace {

constexpr std::uint64_t kMaxDelayMs = 60'000;
// Twice the value is still a whole number that every reader of JSON keeps exactly.
constexpr codec::DoubleRange kValues{.min = -4'503'599'627'370'496, .max = 4'503'599'627'370'496};

bool is_upload(const http::Exchange& exchange) {
  return exchange.method() == "POST" && (exchange.path() == "/api/upload" || exchange.path() == "/api/v1/upload");
}

Task<Response> answer(Response response) {
  co_return response;
}

Response sample_data() {
  return http::json(
      R"({"data":[{"id":1,"name":"alpha","value":100},{"id":2,"name":"beta","value":200},{"id":3,"name":"gamma","value":300}],)"
      R"("nextCursor":null})");
}

Response with_status(const Request& request) {
  const auto code = str::parse_int<std::uint16_t>(request.param("code"));
  if (!code || *code < 200 || *code > 599) {
    return http::problem(Error(codes::invalid_parameter, "the status must be a number from 200 to 599"), request.id());
  }
  std::string body;
  codec::JsonWriter(body).begin_object().member("status", *code).end_object();
  Response response = http::json(std::move(body), *code);
  if (*code == 204 || *code == 304) response = Response{.status = *code, .headers = {}, .body = {}};
  return response;
}

Task<Response> slow(Request& request) {
  const auto delay = query_number(request, {.name = "ms", .otherwise = 1'000, .max = kMaxDelayMs});
  if (!delay) co_return http::problem(delay.error(), request.id());
  co_await pause(request.exchange(), Millis(*delay));
  std::string body;
  codec::JsonWriter(body).begin_object().member("delayedMs", *delay).end_object();
  co_return http::json(std::move(body));
}

Result<double> read_value(std::string_view text) {
  TG_TRY(const codec::JsonValue document, codec::parse_json(text));
  codec::JsonObjectReader in(document);
  const double value = in.required_double("value", kValues);
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return value;
}

// 2000000, not 2e+06: clients without a JSON parser read these too.
void write_number(codec::JsonWriter& out, double number) {
  if (std::trunc(number) == number) {
    out.value(static_cast<std::int64_t>(number));
  } else {
    out.value(number);
  }
}

}  // namespace

BackendService::BackendService(const Clock& clock) : clock_(clock) {
  router_.add("GET /health", {}, [](Request&) { return answer(http::json(R"({"status":"ok"})")); });
  router_.add("GET /api/data", {}, [](Request&) { return answer(sample_data()); });
  router_.add("POST /api/process/calculate", {}, [this](Request& request) { return calculate(request); });
  router_.add_stream("GET /api/bytes", {}, [](Request& request) { return send_bytes(request); });
  router_.add_stream("GET /api/stream", {}, [](Request& request) { return send_events(request); });
  router_.add("GET /api/slow", {}, [](Request& request) { return slow(request); });
  // For other spellings of the path, which only the router can read.
  router_.add_stream("POST /api/upload", {}, [](Request& request) { return count_upload(request.exchange()); });
  add_faults();
}

// Any method reaches these.
void BackendService::add_faults() {
  for (const std::string_view method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    router_.add(str::cat(method, " /api/status/{code}"), {},
                [](Request& request) { return answer(with_status(request)); });
    router_.add(str::cat(method, " /api/echo"), {.guard = {}, .max_body_bytes = kEchoMaxBytes},
                [](Request& request) { return answer(echo(request)); });
  }
}

Task<void> BackendService::handle(http::Exchange& exchange) {
  // Not through the router: it holds a body in memory before an endpoint sees it.
  if (is_upload(exchange)) {
    co_await count_upload(exchange);
  } else {
    co_await router_.handle(exchange);
  }
}

Task<Response> BackendService::calculate(Request& request) const {
  const auto value = read_value(request.body());
  if (!value) co_return http::problem(value.error(), request.id());
  std::string body;
  codec::JsonWriter out(body);
  out.begin_object().key("value");
  write_number(out, *value);
  out.key("result");
  write_number(out, *value * 2);
  out.member("processedAt", clock_.wall_now()).end_object();
  co_return http::json(std::move(body));
}

}  // namespace tollgate::services
