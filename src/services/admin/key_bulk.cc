// The rest of KeyEndpoints: one change of many keys, and to whom keys belong.
#include <algorithm>
#include <array>

#include "base/str.h"
#include "codec/json/object_reader.h"
#include "codec/json/writer.h"
#include "services/admin/api_input.h"
#include "services/admin/audit/audit_note.h"
#include "services/admin/key_endpoints.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

constexpr std::size_t kBulkMax = 1000;

enum class BulkAction : std::uint8_t { disable, enable, remove, tier };
constexpr auto kActions = std::to_array<codec::JsonWord<BulkAction>>({{"disable", BulkAction::disable},
                                                                      {"enable", BulkAction::enable},
                                                                      {"delete", BulkAction::remove},
                                                                      {"tier", BulkAction::tier}});
struct Bulk {
  std::vector<std::string> ids;
  BulkAction action = BulkAction::disable;
  std::string tier;
};

Result<Bulk> read_bulk(const http::Request& request) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  codec::JsonObjectReader in(document);
  Bulk bulk;
  bulk.ids = in.optional_strings("ids", kBulkMax, {.min = 1, .max = 40});
  bulk.action = in.required_word("action", std::span<const codec::JsonWord<BulkAction>>(kActions));
  const auto tier = in.optional_string("tier", {.min = 1, .max = 40});
  if (bulk.ids.empty()) in.fail("ids", "name at least one key");
  if (tier.has_value() != (bulk.action == BulkAction::tier))
    in.fail("tier", "belongs to the action \"tier\", and to no other");
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  std::ranges::sort(bulk.ids);
  const auto [first, last] = std::ranges::unique(bulk.ids);
  bulk.ids.erase(first, last);
  bulk.tier = tier.value_or("");
  return bulk;
}

std::string_view action_of(BulkAction action) {
  switch (action) {
    case BulkAction::disable: return "key.disable";
    case BulkAction::enable: return "key.enable";
    case BulkAction::remove: return "key.delete";
    case BulkAction::tier: return "key.update";
  }
  return "key.update";
}

void apply(const Bulk& bulk, core::KeyRecord& record) {
  if (bulk.action == BulkAction::disable) record.state = core::KeyState::disabled;
  if (bulk.action == BulkAction::enable) record.state = core::KeyState::active;
  if (bulk.action == BulkAction::tier) record.tier = bulk.tier;
}

http::Response answer(const std::vector<std::pair<std::string, Result<void>>>& results) {
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("data").begin_array();
  for (const auto& [id, result] : results) {
    json.begin_object().member("id", id).member("ok", result.has_value()).key("error");
    if (result) {
      json.value(nullptr);
    } else {
      const Error& error = result.error();
      json.begin_object().member("code", error.code().name).member("detail", error.code().caller).end_object();
    }
    json.end_object();
  }
  json.end_array().end_object();
  return http::json(std::move(body));
}

}  // namespace

Result<http::Response> KeyEndpoints::bulk(http::Request& request, const ports::RequestMark* mark) {
  TG_TRY(const Bulk bulk, read_bulk(request));
  if (bulk.action == BulkAction::tier) {
    TG_TRY([[maybe_unused]] const core::Tier tier, deps_.keys.tier(bulk.tier));
  }
  std::vector<std::pair<std::string, Result<void>>> results;
  std::vector<ports::KeyWrite> writes;
  std::vector<std::size_t> places;  // of each write's result
  for (const std::string& id : bulk.ids) {
    const auto parsed = core::KeyId::parse(id);
    auto record = parsed ? deps_.keys.get(*parsed) : Result<core::KeyRecord>(fail(codes::key_not_found));
    if (!record && !record.error().is(codes::key_not_found)) return std::unexpected(std::move(record).error());
    results.emplace_back(id, record ? Result<void>{} : std::unexpected(record.error()));
    if (!record) continue;
    TG_TRY(ports::AuditDraft draft, audit_draft(request, {action_of(bulk.action), key_object(record->id)}));
    draft.before = audit_text(*record);
    apply(bulk, *record);
    if (bulk.action != BulkAction::remove) draft.after = audit_text(*record);
    const std::uint64_t read = record->revision;
    places.push_back(results.size() - 1);
    writes.push_back({.record = *std::move(record),
                      .remove = bulk.action == BulkAction::remove,
                      .expected_revision = read,
                      .audit = std::move(draft)});
  }
  TG_TRY(const std::vector<Result<void>> written, deps_.keys.write_all(std::move(writes), mark));
  for (std::size_t i = 0; i < written.size(); ++i) results[places[i]].second = written[i];
  telemetry::log(telemetry::Level::info, "admin", "keys_changed",
                 {{"action", std::string(action_of(bulk.action))},
                  {"keys", std::uint64_t{results.size()}},
                  {"by", caller_of(request).name}});
  if (deps_.changed) deps_.changed();
  return answer(results);
}

// The same document: what became of each key, as it is now.
Result<http::Response> KeyEndpoints::show_bulk_again(http::Request& request) {
  TG_TRY(const Bulk bulk, read_bulk(request));
  std::vector<std::pair<std::string, Result<void>>> results;
  for (const std::string& id : bulk.ids) {
    const auto parsed = core::KeyId::parse(id);
    const auto record = parsed ? deps_.keys.get(*parsed) : Result<core::KeyRecord>(fail(codes::key_not_found));
    const bool is_done = record.has_value() != (bulk.action == BulkAction::remove);
    results.emplace_back(id, is_done ? Result<void>{} : fail(codes::key_not_found));
  }
  return answer(results);
}

Result<http::Response> KeyEndpoints::consumers(http::Request& request) {
  if (auto known = expect_parameters(request, {"search", "cursor", "limit"}); !known) {
    return std::unexpected(std::move(known).error());
  }
  TG_TRY(const std::size_t limit, page_size(request));
  TG_TRY(std::vector<ports::Consumer> found,
         deps_.keys.consumers({.search = std::string(request.query("search").value_or("")),
                               .after = std::string(request.query("cursor").value_or("")),
                               .limit = limit + 1}));
  const bool more = found.size() > limit;
  if (more) found.resize(limit);
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("data").begin_array();
  for (const ports::Consumer& one : found) {
    json.begin_object().member("name", one.name).member("keys", one.keys).end_object();
  }
  json.end_array().member("nextCursor", more ? std::optional(found.back().name) : std::nullopt).end_object();
  return http::json(std::move(body));
}

}  // namespace tollgate::services
