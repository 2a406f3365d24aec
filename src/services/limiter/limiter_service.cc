#include "services/limiter/limiter_service.h"

#include "base/str.h"
#include "codec/limits/refill_rate.h"
#include "core/limit/rate_text.h"

namespace tollgate::services {

using http::Request;
using http::Response;

namespace {

constexpr std::size_t kMaxCheckBytes = 64 * 1024;
constexpr std::size_t kMaxBatchBytes = 4u << 20;
// A key's numbers may change between looking it up and asking its bucket; more often than this it is not the key.
constexpr int kAttempts = 3;

Result<bool> wants_status(const Request& request) {
  const auto value = request.query("status");
  if (!value || *value == "false") return false;
  if (*value == "true") return true;
  return fail(codes::invalid_parameter, "\"status\" must be true or false");
}

void write_failure(codec::JsonWriter& json, const Error& error) {
  json.begin_object().key("error").begin_object();
  json.member("code", error.code().name).member("detail", error.code().caller);
  json.end_object().end_object();
}

std::string bucket_text(const KnownKey& key, const core::LimitAnswer& answer) {
  const core::TokenBucketSpec& spec = key.rule.spec();
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object()
      .member("key", key.id.view())
      .member("name", "key")
      .member("level", answer.remaining)
      .member("limit", spec.tokens_per_window)
      .key("refillRate")
      .raw(core::rate_text(spec.refill_micro))
      .member("maxBurst", spec.max_burst)
      .member("resetMs", millis_rounded_up(answer.until_full))
      .end_object();
  return body;
}

}  // namespace

LimiterService::LimiterService(ports::LimitStore& store, const ports::KeyDirectory& keys, const Clock& clock,
                               Options options)
    : store_(store),
      options_(std::move(options)),
      planner_(keys, clock, {.default_rule = options_.default_rule, .bucket_seed = options_.bucket_seed}) {
  router_.add("POST /api/limiter/check", {.guard = options_.guard, .max_body_bytes = kMaxCheckBytes},
              [this](Request& request) { return check(request); });
  router_.add("POST /api/limiter/check/batch", {.guard = options_.guard, .max_body_bytes = kMaxBatchBytes},
              [this](Request& request) { return check_batch(request); });
  router_.add("GET /api/limiter/buckets/{key}", {.guard = options_.guard},
              [this](Request& request) { return bucket(request); });
  add_internal_endpoints();
}

Task<Result<Decision>> LimiterService::decide(const CheckRequest& request, std::string id) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    TG_CO_TRY(CheckPlan plan, planner_.plan(request));
    const auto outcome = co_await store_.apply(plan.checks, {.peek = request.peek});
    if (!outcome) co_return std::unexpected(outcome.error());
    if (outcome->retired) continue;
    co_return Decision{.plan = std::move(plan), .outcome = *outcome, .id = std::move(id)};
  }
  co_return fail(codes::limiter_unavailable, "the key's limit is being changed");
}

Task<Response> LimiterService::check(Request& request) {
  const auto status = wants_status(request);
  if (!status) co_return http::problem(status.error(), request.id());
  const auto asked = parse_check_request(request.body());
  if (!asked) co_return http::problem(asked.error(), request.id());
  const auto decision = co_await decide(*asked, http::format_request_id(request.id()));
  if (!decision) co_return http::problem(decision.error(), request.id());
  if (*status) co_return status_answer(*decision, request.id());
  std::string body;
  codec::JsonWriter json(body);
  write_decision(json, *decision);
  co_return http::json(std::move(body));
}

Task<Response> LimiterService::check_batch(Request& request) {
  const auto asked = parse_check_batch(request.body());
  if (!asked) co_return http::problem(asked.error(), request.id());
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("results").begin_array();
  const std::string id = http::format_request_id(request.id());
  for (std::size_t i = 0; i < asked->size(); ++i) {
    const auto decision = co_await decide((*asked)[i], str::cat(id, '-', i));
    if (decision) {
      write_decision(json, *decision);
    } else {
      write_failure(json, decision.error());
    }
  }
  json.end_array().end_object();
  co_return http::json(std::move(body));
}

Task<Response> LimiterService::bucket(Request& request) {
  const auto found = planner_.find(request.param("key"));
  if (!found) co_return http::problem(found.error(), request.id());
  if (!*found) co_return http::problem(Error(codes::key_not_found), request.id());
  const KnownKey& key = **found;
  const auto answer = co_await store_.read({.rule = &key.rule, .bucket = key.bucket, .created = key.created});
  if (!answer) co_return http::problem(answer.error(), request.id());
  co_return http::json(bucket_text(key, *answer));
}

}  // namespace tollgate::services
