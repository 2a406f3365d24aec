#include "services/gateway/refusal.h"

#include <algorithm>

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
  if (&code == &codes::rate_limited) {
    return context.outcome.answers[static_cast<std::size_t>(context.outcome.refused_by)].retry_after;
  }
  if (&code == &codes::auth_throttled) return kAuthRetry;
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
  return texts[code.number];
}

// `,"violated-policies":["key"],"decisionId":"…"`: names of limits are [a-z0-9_-], nothing to escape.
void put_limits(TextCursor& text, const RequestContext& context) {
  text.put(",\"violated-policies\":[");
  std::string_view separator = "\"";
  for (std::size_t i = 0; i < context.limits.count(); ++i) {
    const core::LimitAnswer& answer = context.outcome.answers[i];
    if (answer.verdict == core::Verdict::allowed || context.limits.checks()[i].shadow) continue;
    text.put(separator).put(context.limits.name(i)).put("\"");
    separator = ",\"";
  }
  text.put("],\"decisionId\":\"").put_hex64(context.exchange.request_id()).put("\"");
}

void write_body(std::string& body, const RequestContext& context, const RefusalText& shared, Nanos wait) {
  std::size_t bound = 128 + TextCursor::kNumberBytes;
  for (std::size_t i = 0; i < context.limits.count(); ++i) bound += context.limits.name(i).size() + 3;
  body.assign(shared.body);
  append_text(body, bound, [&](TextCursor& text) {
    text.put_hex64(context.exchange.request_id()).put("\"");
    if (!context.outcome.allowed) put_limits(text, context);
    if (wait > Nanos{0}) {
      const auto milliseconds = std::chrono::ceil<Millis>(wait).count();
      text.put(",\"retryAfterMs\":").put_number(static_cast<std::uint64_t>(milliseconds));
    }
    text.put("}");
  });
}

}  // namespace

Refusal write_refusal(RequestContext& context, const ErrorCode& code, std::string_view extra_lines) {
  http::Exchange& exchange = context.exchange;
  if (!exchange.discard_arrived_body()) exchange.close_after();
  const RefusalText& shared = text_of(code);
  const Nanos wait = wait_of(context, code);
  const std::string& body = context.scratch.refusal_body;
  write_body(context.scratch.refusal_body, context, shared, wait);

  std::string& out = context.scratch.response_head;
  out.assign(shared.head);
  const std::string_view date = http::http_date(exchange.loop().round_wall_time());
  append_text(out, date.size() + 2, [&](TextCursor& text) { text.put(date).put("\r\n"); });
  std::array<http::RateLimitItem, core::kMaxChecks> items;
  const std::size_t count = context.limits.items(context.outcome, items);
  http::append_rate_limit_lines(out, std::span(items).first(count));
  if (wait > Nanos{0}) http::append_retry_after_line(out, wait);
  append_text(out, extra_lines.size() + 96 + TextCursor::kNumberBytes + body.size(), [&](TextCursor& text) {
    text.put(extra_lines).put("X-Request-Id: ").put_hex64(exchange.request_id());
    text.put("\r\nContent-Length: ").put_number(body.size()).put("\r\n");
    if (!exchange.keep_alive()) text.put("Connection: close\r\n");
    text.put("\r\n");
    if (exchange.head().method != codec::Method::head) text.put(body);
  });
  return {.status = status_of(code), .bytes = out, .retry_after = wait};
}

}  // namespace tollgate::services
