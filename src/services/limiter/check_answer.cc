#include "services/limiter/check_answer.h"

#include <algorithm>

#include "http/rate_limit_headers.h"

namespace tollgate::services {

namespace {

std::vector<http::RateLimitItem> items_of(const Decision& decision) {
  std::vector<http::RateLimitItem> items;
  for (std::size_t i = 0; i < decision.plan.checks.size(); ++i) {
    const core::TokenBucket& rule = decision.plan.rules[i];
    const core::LimitAnswer& answer = decision.outcome.answers[i];
    items.push_back({.name = decision.plan.names[i],
                     .quota = rule.spec().tokens_per_window,
                     .window_seconds = rule.window_seconds(),
                     .remaining = answer.remaining,
                     .reset = core::reset_of(answer)});
  }
  return items;
}

// Adds "Name: value\r\n" lines to a response that holds its headers in pairs.
void add_lines(http::Response& response, std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    const std::size_t colon = lines.find(": ");
    response.header(std::string(lines.substr(0, colon)), std::string(lines.substr(colon + 2, end - colon - 2)));
    lines.remove_prefix(end + 2);
  }
}

const core::LimitAnswer& refusing(const Decision& decision) {
  return decision.outcome.answers[static_cast<std::size_t>(std::max<int>(0, decision.outcome.refused_by))];
}

std::string problem_body(const Decision& decision, const ErrorCode& code, std::uint64_t request_id) {
  std::string body;
  codec::JsonWriter out(body);
  out.begin_object()
      .member("type", "https://iana.org/assignments/http-problem-types#quota-exceeded")
      .member("title", http::reason_phrase(code.status))
      .member("status", code.status)
      .member("detail", code.caller)
      .member("code", code.name)
      .member("requestId", http::format_request_id(request_id))
      .key("violated-policies")
      .begin_array();
  for (std::size_t i = 0; i < decision.plan.names.size(); ++i) {
    if (decision.outcome.answers[i].verdict != core::Verdict::allowed) out.value(decision.plan.names[i]);
  }
  out.end_array().member("decisionId", decision.id).end_object();
  return body;
}

}  // namespace

std::uint64_t millis_rounded_up(Nanos duration) {
  if (duration <= Nanos{0}) return 0;
  return static_cast<std::uint64_t>((duration.count() - 1) / 1'000'000 + 1);
}

void write_decision(codec::JsonWriter& json, const Decision& decision) {
  json.begin_object().member("allowed", decision.outcome.allowed).member("decisionId", decision.id);
  json.key("limits").begin_array();
  for (std::size_t i = 0; i < decision.plan.checks.size(); ++i) {
    const core::LimitAnswer& answer = decision.outcome.answers[i];
    json.begin_object()
        .member("name", decision.plan.names[i])
        .member("limit", decision.plan.rules[i].spec().tokens_per_window)
        .member("remaining", answer.remaining)
        .member("resetMs", millis_rounded_up(core::reset_of(answer)));
    if (answer.verdict == core::Verdict::impossible) {
      json.member("retryAfterMs", nullptr);
    } else {
      json.member("retryAfterMs", millis_rounded_up(answer.retry_after));
    }
    json.end_object();
  }
  json.end_array().end_object();
}

http::Response status_answer(const Decision& decision, std::uint64_t request_id) {
  http::Response response;
  std::string lines;
  http::append_rate_limit_lines(lines, items_of(decision));
  if (decision.outcome.allowed) {
    codec::JsonWriter out(response.body);
    write_decision(out, decision);
    response.header("Content-Type", "application/json");
  } else {
    const bool never = refusing(decision).verdict == core::Verdict::impossible;
    const ErrorCode& code = never ? codes::cost_exceeds_limit : codes::rate_limited;
    response.status = code.status;
    response.body = problem_body(decision, code, request_id);
    response.header("Content-Type", "application/problem+json");
    if (!never) http::append_retry_after_line(lines, refusing(decision).retry_after);
  }
  add_lines(response, lines);
  return response;
}

}  // namespace tollgate::services
