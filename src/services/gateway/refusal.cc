#include "services/gateway/refusal.h"

#include <algorithm>

#include "base/assert.h"
#include "base/str.h"
#include "base/text_cursor.h"
#include "codec/json/writer.h"
#include "http/date.h"
#include "http/rate_limit_headers.h"

namespace tollgate::services {
namespace {

constexpr Seconds kAuthRetry{10};
constexpr Seconds kUnavailableRetry{1};

std::uint16_t status_of(const ErrorCode& code) {
  return code.status == 0 ? std::uint16_t{500} : code.status;
}

Nanos wait_of(const RequestContext& context, const ErrorCode& code) {
  if (code.name == codes::rate_limited.name) {
    return context.outcome.answers[static_cast<std::size_t>(context.outcome.refused_by)].retry_after;
  }
  if (code.name == codes::auth_throttled.name) return kAuthRetry;
  if (code.kind == ErrorKind::unavailable) return kUnavailableRetry;
  return Nanos{0};  // cost_exceeds_limit among them: waiting does not help
}

// What a code's refusals have in common, put together once.
struct RefusalText {
  std::string head;  // status line and fields, up to the value of Date
  std::string body;  // up to the value of requestId
};

RefusalText write_text(const ErrorCode& code) {
  const std::uint16_t status = status_of(code);
  RefusalText text;
  text.head = str::cat("HTTP/1.1 ", status, " ", http::reason_phrase(status),
                       "\r\nContent-Type: application/problem+json\r\nDate: ");
  codec::JsonWriter(text.body)
      .begin_object()
      .member("type", http::problem_type(code))
      .member("title", http::reason_phrase(status))
      .member("status", status)
      .member("detail", code.caller)
      .member("code", code.name);
  text.body += ",\"requestId\":\"";
  return text;
}

const RefusalText& text_of(const ErrorCode& code) {
  static const auto texts = [] {
    std::array<RefusalText, codes::kAll.size()> all;
    std::ranges::transform(codes::kAll, all.begin(), [](const ErrorCode* each) { return write_text(*each); });
    return all;
  }();
  const auto at = std::ranges::find(codes::kAll, &code);
  TG_ASSERT(at != codes::kAll.end());
  return texts[static_cast<std::size_t>(at - codes::kAll.begin())];
}

// `,"violated-policies":["key"],"decisionId":"…"`: names of limits are [a-z0-9_-], nothing to escape.
void append_limits(std::string& out, const RequestContext& context) {
  out += ",\"violated-policies\":[";
  std::string_view separator = "\"";
  for (std::size_t i = 0; i < context.limits.count(); ++i) {
    const core::LimitAnswer& answer = context.outcome.answers[i];
    if (answer.verdict == core::Verdict::allowed || context.limits.checks()[i].shadow) continue;
    str::append(out, separator, context.limits.name(i), "\"");
    separator = ",\"";
  }
  out += "],\"decisionId\":\"";
  append_text(out, 17, [&](TextCursor& text) { text.put_hex64(context.exchange.request_id()).put("\""); });
}

}  // namespace

Refusal write_refusal(RequestContext& context, const ErrorCode& code, std::string_view extra_lines) {
  http::Exchange& exchange = context.exchange;
  if (!exchange.discard_arrived_body()) exchange.close_after();
  const RefusalText& shared = text_of(code);
  const Nanos wait = wait_of(context, code);

  std::string& body = context.scratch.refusal_body;
  body.assign(shared.body);
  append_text(body, 17, [&](TextCursor& text) { text.put_hex64(exchange.request_id()).put("\""); });
  if (!context.outcome.allowed) append_limits(body, context);
  if (wait > Nanos{0}) str::append(body, ",\"retryAfterMs\":", (wait.count() + 999'999) / 1'000'000);
  body += '}';

  std::string& out = context.scratch.response_head;
  out.assign(shared.head);
  str::append(out, http::http_date(exchange.loop().round_wall_time()), "\r\n");
  std::array<http::RateLimitItem, core::kMaxChecks> items;
  const std::size_t count = context.limits.items(context.outcome, items);
  http::append_rate_limit_lines(out, std::span(items).first(count));
  if (wait > Nanos{0}) http::append_retry_after_line(out, wait);
  out += extra_lines;
  append_text(out, 64 + TextCursor::kNumberBytes, [&](TextCursor& text) {
    text.put("X-Request-Id: ").put_hex64(exchange.request_id());
    text.put("\r\nContent-Length: ").put_number(body.size()).put("\r\n");
  });
  if (!exchange.keep_alive()) out += "Connection: close\r\n";
  out += "\r\n";
  if (exchange.head().method != codec::Method::head) out += body;
  return {.status = status_of(code), .bytes = out, .retry_after = wait};
}

Task<void> send_refusal(RequestContext& context, const Refusal& refusal) {
  http::Exchange& exchange = context.exchange;
  exchange.begin_response(refusal.status, exchange.keep_alive());
  iovec part{const_cast<char*>(refusal.bytes.data()), refusal.bytes.size()};
  std::span<iovec> parts(&part, 1);
  runtime::IoResult sent;
  co_await exchange.loop().write_turn();
  if (!exchange.try_write(parts, sent)) sent = co_await exchange.write(parts);
  exchange.end_response();
}

}  // namespace tollgate::services
