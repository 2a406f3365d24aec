// The limiter's side of codec/limits/apply_protocol.h.
#include "codec/limits/apply_protocol.h"
#include "services/limiter/limiter_service.h"

namespace tollgate::services {

using http::Request;
using http::Response;

namespace {

Task<Response> answer(Response response) {
  co_return response;
}

Response no_content_or_problem(const Result<void>& done, std::uint64_t request_id) {
  return done ? http::no_content() : http::problem(done.error(), request_id);
}

}  // namespace

void LimiterService::add_internal_endpoints() {
  const http::EndpointOptions options{.guard = options_.internal_guard, .max_body_bytes = codec::kMaxApplyBytes};
  router_.add("POST /api/limiter/apply", options, [this](Request& request) { return apply(request); });
  router_.add("POST /api/limiter/read", options, [this](Request& request) { return read(request); });
  router_.add("POST /api/limiter/reset", options, [this](Request& request) { return reset(request); });
  router_.add("POST /api/limiter/migrate", options, [this](Request& request) { return migrate(request); });
  router_.add("GET /api/limiter/seed", options,
              [this](Request&) { return answer(http::json(codec::encode_seed(options_.bucket_seed))); });
}

Task<Response> LimiterService::apply(Request& request) {
  const auto groups = codec::decode_apply(request.body());
  if (!groups) co_return http::problem(groups.error(), request.id());
  std::vector<codec::GroupOutcome> outcomes;
  outcomes.reserve(groups->size());
  for (const codec::OwnedChecks& group : *groups) {
    auto outcome = co_await store_.apply(group.checks, {.peek = group.peek});
    outcomes.push_back({.outcome = std::move(outcome), .checks = group.checks.size()});
  }
  co_return http::json(codec::encode_outcomes(outcomes));
}

Task<Response> LimiterService::read(Request& request) {
  const auto asked = codec::decode_check(request.body());
  if (!asked) co_return http::problem(asked.error(), request.id());
  const auto found = co_await store_.read(asked->checks[0]);
  if (!found) co_return http::problem(found.error(), request.id());
  co_return http::json(codec::encode_answer(*found));
}

Task<Response> LimiterService::reset(Request& request) {
  const auto asked = codec::decode_check(request.body());
  if (!asked) co_return http::problem(asked.error(), request.id());
  const auto done = co_await store_.reset(asked->checks[0]);
  co_return no_content_or_problem(done, request.id());
}

Task<Response> LimiterService::migrate(Request& request) {
  const auto asked = codec::decode_migration(request.body());
  if (!asked) co_return http::problem(asked.error(), request.id());
  const auto done = co_await store_.migrate(asked->checks[0], asked->checks[1]);
  co_return no_content_or_problem(done, request.id());
}

}  // namespace tollgate::services
