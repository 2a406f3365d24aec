#include "services/admin/key_json.h"

#include <array>

#include "codec/json/object_reader.h"

namespace tollgate::services {
namespace {

using codec::JsonObjectReader;

constexpr codec::StringSize kNameSize{.min = 1, .max = 200};
constexpr auto kStates = std::to_array<codec::JsonWord<core::KeyState>>(
    {{"active", core::KeyState::active}, {"disabled", core::KeyState::disabled}});

template <class T>
Result<T> finished(JsonObjectReader& in, T value) {
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return value;
}

std::optional<std::string> read_tier_name(JsonObjectReader& in, std::string_view member) {
  const auto text = in.optional_string(member, {.min = 1, .max = 40});
  if (!text) return std::nullopt;
  auto name = core::parse_tier_name(*text);
  if (!name) in.fail(member, "must be of letters, digits, \"_\" and \"-\"");
  return name;
}

KeyDocument read_key(JsonObjectReader& in) {
  KeyDocument key;
  key.tier = read_tier_name(in, "tier");
  key.limit = read_limit_numbers(in);
  key.expires_at = in.optional_time("expiresAt");
  key.consumer = in.optional_string("consumer", kNameSize);
  return key;
}

// Names that a patch may change, not remove.
void refuse_null(JsonObjectReader& in, std::string_view member) {
  if (in.is_null(member)) in.fail(member, "cannot be removed");
}

TierDocument read_tier(JsonObjectReader& in) {
  TierDocument tier;
  tier.title = in.optional_string("title", {.min = 1, .max = 200});
  const LimitNumbers numbers = read_limit_numbers(in);
  for (const auto& [present, member] : {std::pair(numbers.tokens_per_window.has_value(), "tokensPerWindow"),
                                        std::pair(numbers.refill_micro.has_value(), "refillRate"),
                                        std::pair(numbers.max_burst.has_value(), "maxBurst")}) {
    if (!present && !in.has(member)) in.fail(member, "is required");
  }
  tier.limit = {.refill_micro = numbers.refill_micro.value_or(0),
                .max_burst = numbers.max_burst.value_or(0),
                .tokens_per_window = numbers.tokens_per_window.value_or(0)};
  return tier;
}

Result<TierDocument> checked(Result<TierDocument> tier) {
  if (!tier) return tier;
  TG_TRY(tier->limit, complete_spec({}, tier->limit));
  return tier;
}

}  // namespace

Result<KeyDocument> read_new_key(const codec::JsonValue& document, WallTime now) {
  JsonObjectReader in(document);
  std::string name = in.required_string("name", kNameSize);
  KeyDocument key = read_key(in);
  key.name = std::move(name);
  if (key.expires_at && *key.expires_at <= now) in.fail("expiresAt", "must be in the future");
  return finished(in, std::move(key));
}

Result<KeyDocument> read_key_replacement(const codec::JsonValue& document) {
  JsonObjectReader in(document);
  KeyDocument key = read_key(in);
  key.name = in.optional_string("name", kNameSize);
  key.state = in.optional_word<core::KeyState>("status", kStates);
  return finished(in, std::move(key));
}

Result<KeyPatch> read_key_patch(const codec::JsonValue& document) {
  JsonObjectReader in(document);
  for (const std::string_view member : {"name", "tier", "status"}) refuse_null(in, member);
  KeyPatch patch;
  patch.name = in.optional_string("name", kNameSize);
  patch.tier = read_tier_name(in, "tier");
  patch.state = in.optional_word<core::KeyState>("status", kStates);
  const LimitNumbers numbers = read_limit_numbers(in);
  const auto fate = [&](std::string_view member) { return in.has(member) || in.is_null(member); };
  patch.refill_micro = {.present = fate("refillRate"), .value = numbers.refill_micro};
  patch.max_burst = {.present = fate("maxBurst"), .value = numbers.max_burst};
  patch.tokens_per_window = {.present = fate("tokensPerWindow"), .value = numbers.tokens_per_window};
  patch.expires_at.value = in.optional_time("expiresAt");
  patch.expires_at.present = fate("expiresAt");
  patch.consumer.value = in.optional_string("consumer", kNameSize);
  patch.consumer.present = fate("consumer");
  return finished(in, std::move(patch));
}

Result<TierDocument> read_new_tier(const codec::JsonValue& document) {
  JsonObjectReader in(document);
  auto name = read_tier_name(in, "name");
  if (!name && !in.has("name")) in.fail("name", "is required");
  TierDocument tier = read_tier(in);
  tier.name = std::move(name).value_or("");
  return checked(finished(in, std::move(tier)));
}

Result<TierDocument> read_tier_replacement(const codec::JsonValue& document) {
  JsonObjectReader in(document);
  TierDocument tier = read_tier(in);
  return checked(finished(in, std::move(tier)));
}

void write_key_members(codec::JsonWriter& json, const core::KeyRecord& key, const core::Tier& tier) {
  json.member("id", key.id.view())
      .member("name", key.name)
      .member("prefix", key.prefix)
      .member("last4", key.secrets.empty() ? std::string() : key.secrets.front().last4)
      .member("tier", key.tier)
      .member("consumer", key.consumer.empty() ? std::nullopt : std::optional<std::string_view>(key.consumer))
      .member("status", key.state == core::KeyState::active ? "active" : "disabled")
      .member("limitSource", key.limit ? "key" : "tier");
  write_limit_numbers(json, key.limit.value_or(tier.limit));
  json.member("expiresAt", key.expires_at)
      .member("createdAt", key.created_at)
      .member("updatedAt", key.updated_at)
      .member("revision", key.revision);
  json.key("oldSecretValidUntil");
  if (key.secrets.size() > 1) {
    json.value(key.secrets[1].valid_until);
  } else {
    json.value(nullptr);
  }
}

void write_tier(codec::JsonWriter& json, const core::Tier& tier) {
  json.begin_object().member("name", tier.name).member("title", tier.title);
  write_limit_numbers(json, tier.limit);
  json.member("builtIn", tier.built_in)
      .member("updatedAt", tier.updated_at)
      .member("revision", tier.revision)
      .end_object();
}

}  // namespace tollgate::services
