// The rest of KeyEndpoints: what is done to a key besides writing its document.
#include "codec/json/object_reader.h"
#include "services/admin/api_input.h"
#include "services/admin/audit/audit_note.h"
#include "services/admin/key_endpoints.h"
#include "services/admin/key_json.h"
#include "services/admin/key_secret.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

constexpr int kEditAttempts = 5;
constexpr std::uint64_t kGraceDefaultSeconds = 24 * 60 * 60;
constexpr std::uint64_t kGraceMaxSeconds = 7 * 24 * 60 * 60;

Result<std::string> read_api_key(const http::Request& request) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  codec::JsonObjectReader in(document);
  std::string text = in.required_string("apiKey", {.min = 1, .max = 200});
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return text;
}

Result<Seconds> read_grace(const http::Request& request) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  codec::JsonObjectReader in(document);
  const auto grace = in.optional_uint("graceSeconds", {.min = 0, .max = kGraceMaxSeconds});
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return Seconds(static_cast<std::int64_t>(grace.value_or(kGraceDefaultSeconds)));
}

// Why a key that exists and whose secret is right would be refused; empty: it would not.
std::string_view refusal_of(const core::KeyRecord& record, WallTime now) {
  if (record.state == core::KeyState::disabled) return "disabled";
  if (record.expires_at && now >= *record.expires_at) return "expired";
  return {};
}

}  // namespace

Result<http::Response> KeyEndpoints::rotate(http::Request& request, const ports::RequestMark* mark) {
  TG_TRY(const Seconds grace, read_grace(request));
  NewSecret secret;
  const auto renew = [&](core::KeyRecord& key) -> Result<void> {
    secret = new_key_secret(key.id);
    std::vector<core::KeySecret> secrets{secret.stored};
    if (grace > Seconds(0) && !key.secrets.empty()) {
      secrets.push_back(key.secrets.front());
      secrets.back().valid_until = deps_.clock.wall_now() + grace;
    }
    key.secrets = std::move(secrets);
    return {};
  };
  TG_TRY(const core::KeyRecord record,
         edit(request, {.event = "key_rotated", .action = "key.rotate", .change = renew, .mark = mark}));
  return show({.record = record, .api_key = secret.api_key});
}

Result<http::Response> KeyEndpoints::set_state(http::Request& request, core::KeyState state,
                                               const ports::RequestMark* mark) {
  const std::string_view event = state == core::KeyState::active ? "key_enabled" : "key_disabled";
  const auto set = [state](core::KeyRecord& record) -> Result<void> {
    record.state = state;
    return {};
  };
  const std::string_view action = state == core::KeyState::active ? "key.enable" : "key.disable";
  return edit_and_show(request, {.event = event, .action = action, .change = set, .mark = mark});
}

Result<http::Response> KeyEndpoints::verify(http::Request& request) {
  TG_TRY(const std::string text, read_api_key(request));
  std::string_view reason = core::parse_api_key(text) ? "" : "malformed";
  std::optional<core::KeyRecord> record;
  if (reason.empty()) {
    auto found = lookup_.by_text(text);
    if (!found && !found.error().is(codes::key_not_found)) return std::unexpected(std::move(found).error());
    if (found) record = *std::move(found);
    reason = record ? refusal_of(*record, deps_.clock.wall_now()) : "unknown";
  }
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().member("valid", reason.empty());
  if (!reason.empty()) json.member("reason", reason);
  if (record) json.member("id", record->id.view()).member("tier", record->tier);
  json.end_object();
  return http::json(std::move(body));
}

Result<http::Response> KeyEndpoints::look_up(http::Request& request) {
  TG_TRY(const std::string text, read_api_key(request));
  TG_TRY(const core::KeyRecord record, lookup_.by_text(text));
  return show({.record = record, .api_key = {}});
}

Result<core::KeyRecord> KeyEndpoints::edit(http::Request& request, const Edit& edit) {
  TG_TRY(const std::optional<std::uint64_t> expected, if_match(request));
  for (int attempt = 1;; ++attempt) {
    TG_TRY(core::KeyRecord record, lookup_.by_id_or_text(request.param("key")));
    if (expected && *expected != record.revision) return fail(codes::precondition_failed);
    const std::uint64_t read = record.revision;
    TG_TRY(ports::AuditDraft draft, audit_draft(request, {edit.action, key_object(record.id)}));
    draft.before = audit_text(record);
    if (auto changed = edit.change(record); !changed) return std::unexpected(std::move(changed).error());
    draft.after = audit_text(record);
    auto stored = deps_.keys.update(std::move(record), read, {.mark = edit.mark, .audit = &draft});
    // Somebody else wrote in between. A caller who did not say what they had read means whatever is there now.
    const bool again = !stored && stored.error().is(codes::precondition_failed) && !expected && attempt < kEditAttempts;
    if (again) continue;
    if (stored) note_change(request, edit.event, stored->id);
    return stored;
  }
}

Result<http::Response> KeyEndpoints::edit_and_show(http::Request& request, const Edit& wanted) {
  TG_TRY(const core::KeyRecord record, edit(request, wanted));
  return show({.record = record, .api_key = {}});
}

Result<http::Response> KeyEndpoints::show(const Shown& shown) {
  TG_TRY(const core::Tier tier, deps_.keys.tier(shown.record.tier));
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object();
  if (!shown.api_key.empty()) json.member("apiKey", shown.api_key);
  if (!shown.notice.empty()) json.member("apiKey", nullptr).member("notice", shown.notice);
  write_key_members(json, shown.record, tier);
  json.end_object();
  http::Response response = http::json(std::move(body), shown.status);
  response.header("ETag", etag(shown.record.revision));
  if (shown.status == 201) response.header("Location", str::cat("/api/admin/keys/", shown.record.id.view()));
  return response;
}

Result<http::Response> KeyEndpoints::show_again(const std::string& changed, std::string_view notice) {
  const auto id = core::KeyId::parse(changed);
  auto record =
      id ? deps_.keys.get(*id) : Result<core::KeyRecord>(fail(codes::store_corrupt, "a request names no key"));
  if (record) return show({.record = *record, .api_key = {}, .notice = notice});
  if (!record.error().is(codes::key_not_found)) return std::unexpected(std::move(record).error());
  return fail(codes::conflict,
              str::cat("The key ", changed, ", which a request with this Idempotency-Key changed, has been removed."));
}

void KeyEndpoints::note_change(http::Request& request, std::string_view event, const core::KeyId& id) {
  telemetry::log(telemetry::Level::info, "admin", event,
                 {{"key", std::string(id.view())}, {"by", caller_of(request).name}});
  if (deps_.changed) deps_.changed();
}

}  // namespace tollgate::services
