#include "services/admin/key_limit_endpoints.h"

#include "base/rcu.h"
#include "base/str.h"
#include "codec/json/writer.h"
#include "codec/usage/usage_json.h"
#include "services/admin/audit/audit_note.h"
#include "services/admin/limits_json.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

std::int64_t to_ms(Nanos duration) {
  return std::chrono::ceil<Millis>(duration).count();
}

void write_rule(codec::JsonWriter& json, std::string_view source, const core::LimitRule& rule) {
  json.begin_object().member("name", rule.name).member("source", source).member("kind", "token_bucket");
  json.member("mode", rule.mode == core::LimitMode::enforce ? "enforce" : "shadow");
  json.key("scope").begin_array();
  if (rule.scope.route) json.value("route");
  if (rule.scope.tier) json.value("tier");
  if (rule.scope.key) json.value("key");
  if (rule.scope.client_ip) json.value("client_ip");
  json.end_array();
  write_limit_numbers(json, rule.bucket);
  json.end_object();
}

}  // namespace

void KeyLimitEndpoints::add_to(AdminApi& api) {
  api.add_waiting("GET /api/admin/keys/{key}/state", AdminRole::viewer,
                  [this](http::Request& request) { return state(request); });
  api.add_waiting("POST /api/admin/keys/{key}/reset", AdminRole::operator_,
                  [this](http::Request& request) { return reset(request); });
  api.add("GET /api/admin/keys/{key}/effective-limits", AdminRole::viewer,
          [this](http::Request& request) { return effective_limits(request); });
  api.add("GET /api/admin/keys/{key}/usage", AdminRole::viewer,
          [this](http::Request& request) { return usage(request); });
}

Task<Result<core::KeyRecord>> KeyLimitEndpoints::find_key(http::Request& request) {
  auto finding = deps_.pool.run(request.loop(), [&] { return lookup_.by_id_or_text(request.param("key")); });
  auto record = co_await finding;
  co_return std::move(record);
}

// The bucket is named by the directory, which knows whether a change of numbers has reached the buckets yet.
Task<Result<KeyLimitEndpoints::Bucket>> KeyLimitEndpoints::find_bucket(http::Request& request) {
  Task<Result<core::KeyRecord>> finding = find_key(request);
  auto record = co_await finding;
  if (!record) co_return std::unexpected(std::move(record).error());
  if (deps_.limits == nullptr || deps_.directory == nullptr) {
    co_return fail(codes::limiter_unavailable, "this admin has no limiter; set admin.limiter_url");
  }
  const RcuReadGuard guard;
  const ports::KeyEntry* entry = deps_.directory->find(record->id);
  if (entry == nullptr) co_return fail(codes::limiter_unavailable, "the key has not arrived at the limiter yet");
  co_return Bucket{.id = record->id,
                   .rule = *entry->rule,
                   .check = {.rule = nullptr, .bucket = entry->bucket, .created = entry->created_at}};
}

Task<Result<http::Response>> KeyLimitEndpoints::state(http::Request& request) {
  Task<Result<Bucket>> finding = find_bucket(request);
  auto bucket = co_await finding;
  if (!bucket) co_return std::unexpected(std::move(bucket).error());
  bucket->check.rule = &bucket->rule;
  Task<Result<core::LimitAnswer>> reading = deps_.limits->read(bucket->check);
  const auto answer = co_await reading;
  if (!answer) co_return std::unexpected(answer.error());
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().member("key", bucket->id.view()).member("tokens", answer->remaining);
  write_limit_numbers(json, bucket->rule.spec());
  json.member("windowSeconds", bucket->rule.window_seconds())
      .member("fullInMs", to_ms(answer->until_full))
      .member("time", deps_.clock.wall_now())
      .end_object();
  co_return http::json(std::move(body));
}

// A bucket is not in the store that remembers requests: one that is killed between the reset and its mark resets again
// when it is repeated.
Task<Result<http::Response>> KeyLimitEndpoints::reset(http::Request& request) {
  const auto mark = request_mark(request);
  if (!mark) co_return std::unexpected(mark.error());
  if (*mark) {
    auto asking = deps_.pool.run(request.loop(), [&] { return deps_.keys.done_by(**mark); });
    const auto before = co_await asking;
    if (!before) co_return std::unexpected(before.error());
    if (*before) co_return as_replay(http::no_content());
  }
  Task<Result<Bucket>> finding = find_bucket(request);
  auto bucket = co_await finding;
  if (!bucket) co_return std::unexpected(std::move(bucket).error());
  const auto draft = audit_draft(request, {"key.reset", key_object(bucket->id)});
  if (!draft) co_return std::unexpected(draft.error());
  bucket->check.rule = &bucket->rule;
  Task<Result<void>> resetting = deps_.limits->reset(bucket->check);
  const auto done = co_await resetting;
  if (!done) co_return std::unexpected(done.error());
  telemetry::log(telemetry::Level::info, "admin", "key_reset",
                 {{"key", std::string(bucket->id.view())}, {"by", caller_of(request).name}});
  auto noting = deps_.pool.run(
      request.loop(), [&] { return note_reset({.mark = *mark ? &**mark : nullptr, .audit = &*draft}, bucket->id); });
  const auto noted = co_await noting;
  if (!noted) co_return std::unexpected(noted.error());
  co_return http::no_content();
}

// The same request may have been under way twice: reset twice is reset.
Result<void> KeyLimitEndpoints::note_reset(const ports::WriteNote& note, core::KeyId id) {
  auto noted = deps_.keys.note_done(note, std::string(id.view()));
  if (noted || !noted.error().is(codes::conflict)) return noted;
  TG_TRY([[maybe_unused]] const auto same, deps_.keys.done_by(*note.mark));
  return {};
}

Result<http::Response> KeyLimitEndpoints::effective_limits(http::Request& request) {
  TG_TRY(const core::KeyRecord record, lookup_.by_id_or_text(request.param("key")));
  TG_TRY(const core::Tier tier, deps_.keys.tier(record.tier));
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().member("key", record.id.view()).key("data").begin_array();
  const core::LimitRule own{.name = "key", .bucket = record.limit.value_or(tier.limit), .scope = {.key = true}};
  write_rule(json, record.limit ? std::string("key") : str::cat("tier:", tier.name), own);
  for (const core::LimitRule& rule : deps_.gateway_limits) write_rule(json, "gateway", rule);
  for (const core::Route& route : deps_.routes) {
    for (const core::LimitRule& rule : route.limits) write_rule(json, str::cat("route:", route.name), rule);
  }
  json.end_array().end_object();
  return http::json(std::move(body));
}

Result<http::Response> KeyLimitEndpoints::usage(http::Request& request) {
  TG_TRY(const core::KeyRecord record, lookup_.by_id_or_text(request.param("key")));
  if (deps_.usage == nullptr)
    return fail(codes::store_unavailable, "this admin has no analytics; set admin.analytics_url");
  TG_TRY(const auto usage, deps_.usage->key_usage(record.id, deps_.clock.wall_now()));
  std::string body;
  codec::JsonWriter json(body);
  codec::write_key_usage(json, record.id, usage.value_or(ports::KeyUsage{}));
  return http::json(std::move(body));
}

}  // namespace tollgate::services
