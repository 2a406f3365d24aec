#include "services/admin/tier_endpoints.h"

#include "base/str.h"
#include "services/admin/api_input.h"
#include "services/admin/audit/audit_note.h"
#include "services/admin/key_json.h"
#include "services/admin/lost_update.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

Result<std::string> tier_name(const http::Request& request) {
  auto name = core::parse_tier_name(request.param("name"));
  if (!name) return fail(codes::tier_not_found);
  return *std::move(name);
}

http::Response show(const core::Tier& tier, std::uint16_t status = 200) {
  std::string body;
  codec::JsonWriter json(body);
  write_tier(json, tier);
  http::Response response = http::json(std::move(body), status);
  response.header("ETag", etag(tier.revision));
  return response;
}

}  // namespace

void TierEndpoints::add_to(AdminApi& api) {
  const auto add = [&](std::string_view pattern, AdminRole least,
                       Result<http::Response> (TierEndpoints::*work)(http::Request&)) {
    api.add(pattern, least, [this, work](http::Request& request) { return (this->*work)(request); });
  };
  api.add("GET /api/admin/tiers", AdminRole::viewer, [this](http::Request&) { return list(); });
  api.add_change(
      "POST /api/admin/tiers", AdminRole::admin,
      [this](http::Request& request, const ports::RequestMark* mark) { return create(request, mark); },
      [this](http::Request&, const std::string& changed) { return show_again(changed); });
  add("GET /api/admin/tiers/{name}", AdminRole::viewer, &TierEndpoints::get);
  const auto add_write = [&](std::string_view pattern, Result<http::Response> (TierEndpoints::*work)(http::Request&)) {
    api.add(pattern, AdminRole::admin,
            with_current([this, work](http::Request& request) { return (this->*work)(request); },
                         [this](http::Request& request) { return get(request); }));
  };
  add_write("PUT /api/admin/tiers/{name}", &TierEndpoints::replace);
  add_write("DELETE /api/admin/tiers/{name}", &TierEndpoints::remove);
}

Result<http::Response> TierEndpoints::list() {
  TG_TRY(const std::vector<core::Tier> tiers, keys_.tiers());
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("data").begin_array();
  for (const core::Tier& tier : tiers) write_tier(json, tier);
  json.end_array().member("nextCursor", nullptr).end_object();
  return http::json(std::move(body));
}

Result<http::Response> TierEndpoints::create(http::Request& request, const ports::RequestMark* mark) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  TG_TRY(const TierDocument wanted, read_new_tier(document));
  core::Tier tier;
  tier.name = wanted.name;
  tier.title = wanted.title.value_or(wanted.name);
  tier.limit = wanted.limit;
  TG_TRY(ports::AuditDraft draft, audit_draft(request, {"tier.create", str::cat("tier:", tier.name)}));
  draft.after = audit_text(tier);
  TG_TRY(const core::Tier made, keys_.put_tier(std::move(tier), 0, {.mark = mark, .audit = &draft}));
  note_change(request, "tier_created", made.name);
  http::Response response = show(made, 201);
  response.header("Location", str::cat("/api/admin/tiers/", made.name));
  return response;
}

Result<http::Response> TierEndpoints::show_again(const std::string& changed) {
  const auto tier = keys_.tier(changed);
  if (tier) return show(*tier);
  if (!tier.error().is(codes::tier_not_found)) return std::unexpected(tier.error());
  return fail(codes::conflict, str::cat("The tier \"", changed,
                                        "\", which a request with this Idempotency-Key made, has been removed."));
}

Result<http::Response> TierEndpoints::get(http::Request& request) {
  TG_TRY(const std::string name, tier_name(request));
  TG_TRY(const core::Tier tier, keys_.tier(name));
  return show(tier);
}

Result<http::Response> TierEndpoints::replace(http::Request& request) {
  TG_TRY(const std::optional<std::uint64_t> expected, if_match(request));
  TG_TRY(const std::string name, tier_name(request));
  TG_TRY(const codec::JsonValue document, json_body(request));
  TG_TRY(const TierDocument wanted, read_tier_replacement(document));
  TG_TRY(core::Tier tier, keys_.tier(name));
  // 0 would mean "create only" to the store; no revision is 0.
  if (expected && *expected != tier.revision) return fail(codes::precondition_failed);
  TG_TRY(ports::AuditDraft draft, audit_draft(request, {"tier.update", str::cat("tier:", tier.name)}));
  draft.before = audit_text(tier);
  tier.title = wanted.title.value_or(tier.title);
  tier.limit = wanted.limit;
  draft.after = audit_text(tier);
  // As it was read, so that what is told of it is what there was.
  const std::uint64_t read = tier.revision;
  TG_TRY(const core::Tier stored, keys_.put_tier(std::move(tier), read, {.audit = &draft}));
  note_change(request, "tier_replaced", stored.name);
  return show(stored);
}

Result<http::Response> TierEndpoints::remove(http::Request& request) {
  TG_TRY(const std::optional<std::uint64_t> expected, if_match(request));
  TG_TRY(const std::string name, tier_name(request));
  TG_TRY(const core::Tier tier, keys_.tier(name));
  TG_TRY(ports::AuditDraft draft, audit_draft(request, {"tier.delete", str::cat("tier:", tier.name)}));
  draft.before = audit_text(tier);
  auto done = keys_.remove_tier(name, expected.value_or(tier.revision), {.audit = &draft});
  if (!done) return std::unexpected(std::move(done).error());
  note_change(request, "tier_deleted", name);
  return http::no_content();
}

void TierEndpoints::note_change(http::Request& request, std::string_view event, const std::string& tier) {
  telemetry::log(telemetry::Level::info, "admin", event, {{"tier", tier}, {"by", caller_of(request).name}});
  if (changed_) changed_();
}

}  // namespace tollgate::services
