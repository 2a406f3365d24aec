#include "services/gateway/refusal.h"

#include "base/str.h"
#include "codec/json/writer.h"
#include "http/date.h"
#include "http/rate_limit_headers.h"

namespace tollgate::services {
namespace {

constexpr Seconds kAuthRetry{10};
constexpr Seconds kUnavailableRetry{1};

Nanos wait_of(const RequestContext& context, const ErrorCode& code) {
  if (code.name == codes::rate_limited.name) {
    return context.outcome.answers[static_cast<std::size_t>(context.outcome.refused_by)].retry_after;
  }
  if (code.name == codes::auth_throttled.name) return kAuthRetry;
  if (code.kind == ErrorKind::unavailable) return kUnavailableRetry;
  return Nanos{0};  // cost_exceeds_limit among them: waiting does not help
}

void write_limits(codec::JsonWriter& out, const RequestContext& context) {
  out.key("violated-policies").begin_array();
  for (std::size_t i = 0; i < context.limits.count(); ++i) {
    const core::LimitAnswer& answer = context.outcome.answers[i];
    if (answer.verdict != core::Verdict::allowed && !context.limits.checks()[i].shadow)
      out.value(context.limits.name(i));
  }
  out.end_array();
}

std::string_view type_of(const ErrorCode& code) {
  if (code.kind == ErrorKind::limited) return "https://iana.org/assignments/http-problem-types#quota-exceeded";
  return "about:blank";
}

}  // namespace

Refusal make_refusal(const RequestContext& context, const ErrorCode& code) {
  Refusal refusal{.status = code.status == 0 ? std::uint16_t{500} : code.status, .body = {}, .extra_lines = {}};
  refusal.retry_after = wait_of(context, code);
  const std::string id = http::format_request_id(context.exchange.request_id());
  refusal.body.reserve(400);
  codec::JsonWriter out(refusal.body);
  out.begin_object()
      .member("type", type_of(code))
      .member("title", http::reason_phrase(refusal.status))
      .member("status", refusal.status)
      .member("detail", code.caller)
      .member("code", code.name)
      .member("requestId", id);
  if (!context.outcome.allowed) {
    write_limits(out, context);
    out.member("decisionId", id);
  }
  if (refusal.retry_after > Nanos{0}) out.member("retryAfterMs", (refusal.retry_after.count() + 999'999) / 1'000'000);
  out.end_object();
  return refusal;
}

Task<void> send_refusal(RequestContext& context, const Refusal& refusal) {
  http::Exchange& exchange = context.exchange;
  if (!exchange.discard_arrived_body()) exchange.close_after();
  std::string& head = context.scratch.response_head;
  head.clear();
  str::append(head, "HTTP/1.1 ", refusal.status, ' ', http::reason_phrase(refusal.status),
              "\r\nContent-Type: application/problem+json\r\nDate: ", http::http_date(exchange.started_wall()), "\r\n");
  std::array<http::RateLimitItem, core::kMaxChecks> items;
  const std::size_t count = context.limits.items(context.outcome, items);
  http::append_rate_limit_lines(head, std::span(items).first(count));
  if (refusal.retry_after > Nanos{0}) http::append_retry_after_line(head, refusal.retry_after);
  str::append(head, "X-Request-Id: ", http::format_request_id(exchange.request_id()), "\r\n", refusal.extra_lines,
              "Content-Length: ", refusal.body.size(), "\r\n");
  if (!exchange.keep_alive()) head.append("Connection: close\r\n");
  head.append("\r\n");
  exchange.begin_response(refusal.status, exchange.keep_alive());
  if (exchange.head().method != codec::Method::head) head.append(refusal.body);
  iovec part{head.data(), head.size()};
  std::span<iovec> parts(&part, 1);
  runtime::IoResult sent;
  if (!exchange.try_write(parts, sent)) sent = co_await exchange.write(parts);
  exchange.end_response();
}

}  // namespace tollgate::services
