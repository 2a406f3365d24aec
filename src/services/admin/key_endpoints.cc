#include "services/admin/key_endpoints.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/str.h"
#include "services/admin/api_input.h"
#include "services/admin/audit/audit_note.h"
#include "services/admin/key_json.h"
#include "services/admin/key_secret.h"
#include "services/admin/lost_update.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

constexpr std::string_view kCreatedBefore =
    "This key was made by an earlier request with the same Idempotency-Key. Its text was in that answer and is stored "
    "nowhere. If that answer was lost, rotate the key to get a new text.";
constexpr std::string_view kRotatedBefore =
    "This key was rotated by an earlier request with the same Idempotency-Key. Its new text was in that answer and is "
    "stored nowhere. If that answer was lost, rotate the key with another Idempotency-Key; the text from before both "
    "rotations then ends at once.";

// What a patch makes of one of the key's own numbers.
std::optional<std::uint64_t> patched(const Patch<std::uint64_t>& patch, std::optional<std::uint64_t> own) {
  return patch.present ? patch.value : own;
}

LimitNumbers own_numbers(const core::KeyRecord& record) {
  if (!record.limit) return {};
  return {.refill_micro = record.limit->refill_micro,
          .max_burst = record.limit->max_burst,
          .tokens_per_window = record.limit->tokens_per_window};
}

Result<std::optional<core::TokenBucketSpec>> own_limit(const LimitNumbers& numbers, const core::Tier& tier) {
  if (!numbers.any()) return std::optional<core::TokenBucketSpec>{};
  TG_TRY(const core::TokenBucketSpec spec, complete_spec(numbers, tier.limit));
  return spec;
}

constexpr auto kSorts =
    std::to_array<std::pair<std::string_view, ports::KeySort>>({{"createdAt", ports::KeySort::created},
                                                                {"name", ports::KeySort::name},
                                                                {"tier", ports::KeySort::tier},
                                                                {"consumer", ports::KeySort::consumer},
                                                                {"expiresAt", ports::KeySort::expires}});

Result<void> read_key_order(const http::Request& request, ports::KeyFilter& filter) {
  const std::string_view sort = request.query("sort").value_or("createdAt");
  const auto* const known = std::ranges::find(kSorts, sort, &std::pair<std::string_view, ports::KeySort>::first);
  if (known == kSorts.end()) {
    return fail(codes::invalid_parameter, "sort must be createdAt, name, tier, consumer or expiresAt.");
  }
  // The newest first, everything else from its beginning.
  const std::string_view order =
      request.query("order").value_or(known->second == ports::KeySort::created ? "desc" : "asc");
  if (order != "asc" && order != "desc") return fail(codes::invalid_parameter, "order must be asc or desc.");
  filter.sort = known->second;
  filter.ascending = order == "asc";
  return {};
}

Result<ports::KeyFilter> read_key_filter(const http::Request& request) {
  auto known = expect_parameters(request, {"search", "tier", "status", "consumer", "sort", "order", "cursor", "limit"});
  if (!known) return std::unexpected(std::move(known).error());
  ports::KeyFilter filter;
  TG_TRY(filter.limit, page_size(request));
  filter.search = request.query("search").value_or("");
  filter.tier = core::parse_tier_name(request.query("tier").value_or("")).value_or("");
  filter.consumer = request.query("consumer").value_or("");
  filter.cursor = request.query("cursor").value_or("");
  if (const auto status = request.query("status")) {
    if (*status != "active" && *status != "disabled") {
      return fail(codes::invalid_parameter, "status must be \"active\" or \"disabled\".");
    }
    filter.state = *status == "active" ? core::KeyState::active : core::KeyState::disabled;
  }
  if (auto order = read_key_order(request, filter); !order) return std::unexpected(std::move(order).error());
  return filter;
}

}  // namespace

void KeyEndpoints::add_to(AdminApi& api) {
  const auto add = [&](std::string_view pattern, AdminRole least,
                       Result<http::Response> (KeyEndpoints::*work)(http::Request&)) {
    api.add(pattern, least, [this, work](http::Request& request) { return (this->*work)(request); });
  };
  const auto add_change = [&](std::string_view pattern, std::string_view notice, services::Change change) {
    api.add_change(pattern, AdminRole::operator_, std::move(change),
                   [this, notice](http::Request&, const std::string& changed) { return show_again(changed, notice); });
  };
  const auto add_state = [&](std::string_view pattern, core::KeyState state) {
    add_change(pattern, {}, [this, state](http::Request& request, const ports::RequestMark* mark) {
      return set_state(request, state, mark);
    });
  };
  add("GET /api/admin/keys", AdminRole::viewer, &KeyEndpoints::list);
  add_change("POST /api/admin/keys", kCreatedBefore,
             [this](http::Request& request, const ports::RequestMark* mark) { return create(request, mark); });
  add("GET /api/admin/keys/{key}", AdminRole::viewer, &KeyEndpoints::get);
  const auto add_write = [&](std::string_view pattern, Result<http::Response> (KeyEndpoints::*work)(http::Request&)) {
    api.add(pattern, AdminRole::operator_,
            with_current([this, work](http::Request& request) { return (this->*work)(request); },
                         [this](http::Request& request) { return get(request); }));
  };
  add_write("PUT /api/admin/keys/{key}", &KeyEndpoints::replace);
  add_write("PATCH /api/admin/keys/{key}", &KeyEndpoints::patch);
  add_write("DELETE /api/admin/keys/{key}", &KeyEndpoints::remove);
  add_change("POST /api/admin/keys/{key}/rotate", kRotatedBefore,
             [this](http::Request& request, const ports::RequestMark* mark) { return rotate(request, mark); });
  add_state("POST /api/admin/keys/{key}/disable", core::KeyState::disabled);
  add_state("POST /api/admin/keys/{key}/enable", core::KeyState::active);
  api.add_change(
      "POST /api/admin/keys/bulk", AdminRole::operator_,
      [this](http::Request& request, const ports::RequestMark* mark) { return bulk(request, mark); },
      [this](http::Request& request, const std::string&) { return show_bulk_again(request); });
  add("GET /api/admin/consumers", AdminRole::viewer, &KeyEndpoints::consumers);
  add("POST /api/admin/keys/verify", AdminRole::viewer, &KeyEndpoints::verify);
  add("POST /api/admin/keys/lookup", AdminRole::viewer, &KeyEndpoints::look_up);
}

Result<http::Response> KeyEndpoints::create(http::Request& request, const ports::RequestMark* mark) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  TG_TRY(const KeyDocument wanted, read_new_key(document, deps_.clock.wall_now()));
  TG_TRY(const core::Tier tier, deps_.keys.tier(wanted.tier.value_or("free")));
  core::KeyRecord record;
  TG_TRY(record.limit, own_limit(wanted.limit, tier));
  record.id = new_key_id();
  record.name = *wanted.name;
  record.prefix = str::cat(kKeyPrefix, "_", kKeyEnv);
  record.tier = tier.name;
  record.consumer = wanted.consumer.value_or("");
  record.expires_at = wanted.expires_at;
  NewSecret secret = new_key_secret(record.id);
  record.secrets = {secret.stored};
  TG_TRY(ports::AuditDraft draft, audit_draft(request, {"key.create", key_object(record.id)}));
  draft.after = audit_text(record);
  TG_TRY(const core::KeyRecord made, deps_.keys.create(std::move(record), {.mark = mark, .audit = &draft}));
  note_change(request, "key_created", made.id);
  return show({.record = made, .api_key = secret.api_key, .status = 201});
}

Result<http::Response> KeyEndpoints::list(http::Request& request) {
  TG_TRY(const ports::KeyFilter filter, read_key_filter(request));
  TG_TRY(const ports::KeyPage page, deps_.keys.list(filter));
  TG_TRY(const std::vector<core::Tier> tiers, deps_.keys.tiers());

  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("data").begin_array();
  for (const core::KeyRecord& record : page.keys) {
    const auto tier = std::ranges::find(tiers, record.tier, &core::Tier::name);
    json.begin_object();
    write_key_members(json, record, tier == tiers.end() ? core::Tier{} : *tier);
    json.end_object();
  }
  json.end_array().key("nextCursor");
  if (page.next_cursor.empty()) {
    json.value(nullptr);
  } else {
    json.value(page.next_cursor);
  }
  json.member("total", page.total).end_object();
  return http::json(std::move(body));
}

Result<http::Response> KeyEndpoints::get(http::Request& request) {
  TG_TRY(const core::KeyRecord record, lookup_.by_id_or_text(request.param("key")));
  return show({.record = record, .api_key = {}});
}

Result<http::Response> KeyEndpoints::replace(http::Request& request) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  TG_TRY(const KeyDocument wanted, read_key_replacement(document));
  return edit_and_show(request, {"key_replaced", "key.update", [&](core::KeyRecord& record) -> Result<void> {
                                   TG_TRY(const core::Tier tier, deps_.keys.tier(wanted.tier.value_or(record.tier)));
                                   TG_TRY(record.limit, own_limit(wanted.limit, tier));
                                   record.tier = tier.name;
                                   record.name = wanted.name.value_or(record.name);
                                   record.state = wanted.state.value_or(record.state);
                                   record.consumer = wanted.consumer.value_or("");
                                   record.expires_at = wanted.expires_at;
                                   return {};
                                 }});
}

Result<http::Response> KeyEndpoints::patch(http::Request& request) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  TG_TRY(const KeyPatch wanted, read_key_patch(document));
  return edit_and_show(request, {"key_patched", "key.update", [&](core::KeyRecord& record) -> Result<void> {
                                   TG_TRY(const core::Tier tier, deps_.keys.tier(wanted.tier.value_or(record.tier)));
                                   LimitNumbers numbers = own_numbers(record);
                                   numbers.refill_micro = patched(wanted.refill_micro, numbers.refill_micro);
                                   numbers.max_burst = patched(wanted.max_burst, numbers.max_burst);
                                   numbers.tokens_per_window =
                                       patched(wanted.tokens_per_window, numbers.tokens_per_window);
                                   TG_TRY(record.limit, own_limit(numbers, tier));
                                   record.tier = tier.name;
                                   record.name = wanted.name.value_or(record.name);
                                   record.state = wanted.state.value_or(record.state);
                                   if (wanted.expires_at.present) record.expires_at = wanted.expires_at.value;
                                   if (wanted.consumer.present) record.consumer = wanted.consumer.value.value_or("");
                                   return {};
                                 }});
}

Result<http::Response> KeyEndpoints::remove(http::Request& request) {
  TG_TRY(const std::optional<std::uint64_t> expected, if_match(request));
  TG_TRY(const core::KeyRecord record, lookup_.by_id_or_text(request.param("key")));
  TG_TRY(ports::AuditDraft draft, audit_draft(request, {"key.delete", key_object(record.id)}));
  draft.before = audit_text(record);
  // As it was read: what is told of it is what went.
  auto done = deps_.keys.remove(record.id, expected.value_or(record.revision), {.audit = &draft});
  if (!done) return std::unexpected(std::move(done).error());
  note_change(request, "key_deleted", record.id);
  return http::no_content();
}

}  // namespace tollgate::services
