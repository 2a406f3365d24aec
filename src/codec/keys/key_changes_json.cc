#include "codec/keys/key_changes_json.h"

#include <array>

#include "base/str.h"
#include "codec/json/object_reader.h"
#include "codec/json/parse.h"
#include "codec/json/writer.h"

namespace tollgate::codec {
namespace {

constexpr std::size_t kItemsMax = 100'000;
constexpr auto kStates = std::to_array<JsonWord<core::KeyState>>(
    {{"active", core::KeyState::active}, {"disabled", core::KeyState::disabled}});
constexpr UintRange kRevisionRange{};
constexpr UintRange kLimitRevisionRange{.min = 0, .max = 0xffff'ffff};
constexpr UintRange kTimeRange{.min = 0, .max = 0x7fff'ffff'ffff'ffff};

std::int64_t to_ns(WallTime time) {
  return time.time_since_epoch().count();
}
WallTime from_ns(std::uint64_t ns) {
  return WallTime(Nanos(static_cast<std::int64_t>(ns)));
}

void write_spec(JsonWriter& json, const core::TokenBucketSpec& spec) {
  json.begin_object()
      .member("refillMicro", spec.refill_micro)
      .member("maxBurst", spec.max_burst)
      .member("tokensPerWindow", spec.tokens_per_window)
      .end_object();
}

void write_secret(JsonWriter& json, const core::KeySecret& secret) {
  std::string bytes(secret.hash.begin(), secret.hash.end());
  json.begin_object().member("sha256", str::to_hex(bytes)).member("last4", secret.last4);
  if (secret.valid_until) json.member("validUntilNs", to_ns(*secret.valid_until));
  json.end_object();
}

void write_key(JsonWriter& json, const core::KeyRecord& key) {
  json.begin_object()
      .member("id", key.id.view())
      .member("name", key.name)
      .member("prefix", key.prefix)
      .member("tier", key.tier)
      .member("state", key.state == core::KeyState::active ? "active" : "disabled")
      .member("createdNs", to_ns(key.created_at))
      .member("updatedNs", to_ns(key.updated_at))
      .member("limitRevision", key.limit_revision)
      .member("revision", key.revision);
  if (key.limit) write_spec(json.key("limit"), *key.limit);
  if (key.expires_at) json.member("expiresNs", to_ns(*key.expires_at));
  if (!key.consumer.empty()) json.member("consumer", key.consumer);
  json.key("secrets").begin_array();
  for (const core::KeySecret& secret : key.secrets) write_secret(json, secret);
  json.end_array().end_object();
}

void write_tier(JsonWriter& json, const core::Tier& tier) {
  json.begin_object().member("name", tier.name).member("title", tier.title);
  write_spec(json.key("limit"), tier.limit);
  json.member("builtIn", tier.built_in)
      .member("updatedNs", to_ns(tier.updated_at))
      .member("limitRevision", tier.limit_revision)
      .member("revision", tier.revision)
      .end_object();
}

core::TokenBucketSpec read_spec(JsonObjectReader& in) {
  core::TokenBucketSpec spec;
  spec.refill_micro = in.required_uint("refillMicro", {.min = 1});
  spec.max_burst = in.required_uint("maxBurst", {.min = 1});
  spec.tokens_per_window = in.required_uint("tokensPerWindow", {.min = 1});
  return spec;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<core::SecretHash> parse_hash(std::string_view hex) {
  core::SecretHash hash{};
  if (hex.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const int high = hex_digit(hex[2 * i]);
    const int low = hex_digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    hash[i] = static_cast<std::uint8_t>(16 * high + low);
  }
  return hash;
}

core::KeySecret read_secret(JsonObjectReader& in) {
  core::KeySecret secret;
  const auto hash = parse_hash(in.required_string("sha256", {.min = 64, .max = 64}));
  if (hash) {
    secret.hash = *hash;
  } else {
    in.fail("sha256", "64 hexadecimal digits are expected");
  }
  secret.last4 = in.required_string("last4", {.min = 0, .max = 16});
  if (const auto ns = in.optional_uint("validUntilNs", kTimeRange)) secret.valid_until = from_ns(*ns);
  return secret;
}

core::KeyRecord read_key(JsonObjectReader& in) {
  core::KeyRecord key;
  const auto id = core::KeyId::parse(in.required_string("id", {.min = 10, .max = 10}));
  if (id) {
    key.id = *id;
  } else {
    in.fail("id", "a key id is expected");
  }
  key.name = in.required_string("name", {.min = 0, .max = 1024});
  key.prefix = in.required_string("prefix", {.min = 0, .max = 64});
  key.tier = in.required_string("tier", {.min = 1, .max = 64});
  key.state = in.required_word<core::KeyState>("state", kStates);
  key.created_at = from_ns(in.required_uint("createdNs", kTimeRange));
  key.updated_at = from_ns(in.required_uint("updatedNs", kTimeRange));
  key.limit_revision = static_cast<std::uint32_t>(in.required_uint("limitRevision", kLimitRevisionRange));
  key.revision = in.required_uint("revision", kRevisionRange);
  if (JsonObjectReader* limit = in.optional_object("limit")) key.limit = read_spec(*limit);
  if (const auto ns = in.optional_uint("expiresNs", kTimeRange)) key.expires_at = from_ns(*ns);
  key.consumer = in.optional_string("consumer", {.min = 1, .max = 1024}).value_or("");
  for (JsonObjectReader* secret : in.optional_objects("secrets", 2)) key.secrets.push_back(read_secret(*secret));
  return key;
}

core::Tier read_tier(JsonObjectReader& in) {
  core::Tier tier;
  tier.name = in.required_string("name", {.min = 1, .max = 64});
  tier.title = in.required_string("title", {.min = 0, .max = 1024});
  if (JsonObjectReader* limit = in.optional_object("limit")) {
    tier.limit = read_spec(*limit);
  } else {
    in.fail("limit", "an object is expected");
  }
  tier.built_in = in.required_bool("builtIn");
  tier.updated_at = from_ns(in.required_uint("updatedNs", kTimeRange));
  tier.limit_revision = static_cast<std::uint32_t>(in.required_uint("limitRevision", kLimitRevisionRange));
  tier.revision = in.required_uint("revision", kRevisionRange);
  return tier;
}

}  // namespace

std::string encode_key_changes(const core::KeyChanges& changes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("revision", changes.revision).member("more", changes.more);
  json.key("keys").begin_array();
  for (const core::KeyRecord& key : changes.upserted) write_key(json, key);
  json.end_array().key("removedKeys").begin_array();
  for (const core::KeyId& id : changes.removed) json.value(id.view());
  json.end_array().key("tiers").begin_array();
  for (const core::Tier& tier : changes.tiers) write_tier(json, tier);
  json.end_array().key("removedTiers").begin_array();
  for (const std::string& name : changes.removed_tiers) json.value(name);
  json.end_array().end_object();
  return out;
}

Result<core::KeyChanges> decode_key_changes(std::string_view text) {
  TG_TRY(const JsonValue document, parse_json(text, {.max_bytes = kKeyChangesBytesMax}));
  JsonObjectReader in(document);
  core::KeyChanges changes;
  changes.revision = in.required_uint("revision", kRevisionRange);
  changes.more = in.required_bool("more");
  for (JsonObjectReader* key : in.optional_objects("keys", kItemsMax)) changes.upserted.push_back(read_key(*key));
  for (const std::string& id : in.optional_strings("removedKeys", kItemsMax, {.min = 1, .max = 10})) {
    if (const auto parsed = core::KeyId::parse(id)) {
      changes.removed.push_back(*parsed);
    } else {
      in.fail("removedKeys", "key ids are expected");
    }
  }
  for (JsonObjectReader* tier : in.optional_objects("tiers", kItemsMax)) changes.tiers.push_back(read_tier(*tier));
  changes.removed_tiers = in.optional_strings("removedTiers", kItemsMax, {.min = 1, .max = 64});
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return changes;
}

}  // namespace tollgate::codec
