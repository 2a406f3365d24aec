#include "codec/keys/key_changes_json.h"

#include <gtest/gtest.h>

namespace tollgate::codec {
namespace {

core::KeyChanges sample() {
  core::KeyRecord key;
  key.id = *core::KeyId::parse("0123456789");
  key.name = "a \"name\"\n\xc3\xa9";
  key.prefix = "tg_live";
  key.tier = "pro";
  key.limit = core::TokenBucketSpec{.refill_micro = 999'999'999'999'999, .max_burst = 7, .tokens_per_window = 9};
  key.state = core::KeyState::disabled;
  key.created_at = WallTime(Nanos(1'790'000'000'123'456'789));
  key.updated_at = WallTime(Nanos(1'790'000'001'000'000'001));
  key.expires_at = WallTime(Nanos(1'890'000'000'000'000'000));
  key.consumer = "Acme \"GmbH\"";
  key.secrets = {{.hash = {}, .last4 = "abcd", .valid_until = std::nullopt},
                 {.hash = {}, .last4 = "efgh", .valid_until = WallTime(Nanos(42))}};
  for (std::size_t i = 0; i < 32; ++i) key.secrets[0].hash[i] = static_cast<std::uint8_t>(i * 9);
  key.limit_revision = 0xffff'ffff;
  key.revision = 0x7fff'ffff'ffff'ffff;

  core::KeyChanges changes;
  changes.revision = key.revision;
  changes.more = true;
  changes.upserted = {key};
  changes.removed = {*core::KeyId::parse("zzzzzzzzzz")};
  changes.tiers = {{.name = "pro",
                    .title = "Pro",
                    .limit = {.refill_micro = 1, .max_burst = 2, .tokens_per_window = 3},
                    .built_in = true,
                    .updated_at = WallTime(Nanos(5)),
                    .limit_revision = 6,
                    .revision = 7}};
  changes.removed_tiers = {"old"};
  return changes;
}

TEST(KeyChangesJson, CarriesEveryMemberUnchanged) {
  const core::KeyChanges sent = sample();
  const auto got = decode_key_changes(encode_key_changes(sent));
  ASSERT_TRUE(got.has_value()) << got.error().to_string();
  EXPECT_EQ(encode_key_changes(*got), encode_key_changes(sent));
  EXPECT_EQ(got->revision, sent.revision);
  EXPECT_TRUE(got->more);
  ASSERT_EQ(got->upserted.size(), 1u);
  const core::KeyRecord& key = got->upserted[0];
  EXPECT_EQ(key.name, sent.upserted[0].name);
  EXPECT_EQ(key.limit, sent.upserted[0].limit);
  EXPECT_EQ(key.created_at, sent.upserted[0].created_at);
  EXPECT_EQ(key.expires_at, sent.upserted[0].expires_at);
  EXPECT_EQ(key.consumer, sent.upserted[0].consumer);
  EXPECT_EQ(key.secrets[0].hash, sent.upserted[0].secrets[0].hash);
  EXPECT_EQ(key.secrets[1].valid_until, sent.upserted[0].secrets[1].valid_until);
  EXPECT_EQ(got->removed, sent.removed);
  EXPECT_EQ(got->tiers[0].limit, sent.tiers[0].limit);
  EXPECT_EQ(got->tiers[0].limit_revision, 6u);
  EXPECT_EQ(got->removed_tiers, sent.removed_tiers);
}

TEST(KeyChangesJson, RefusesEveryTruncation) {
  const std::string whole = encode_key_changes(sample());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(decode_key_changes(whole.substr(0, length)).has_value()) << length;
  }
}

TEST(KeyChangesJson, RefusesWhatItCannotHaveWritten) {
  const std::string whole = encode_key_changes(sample());
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = whole;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  for (const std::string& bad :
       {with("\"0123456789\"", "\"012345678!\""), with("\"sha256\":\"00", "\"sha256\":\"0g"),
        with("\"more\":true", "\"more\":1"), with("\"refillMicro\":999999999999999", "\"refillMicro\":0"),
        with("\"state\":\"disabled\"", "\"state\":\"paused\""), with("\"builtIn\":true,", ""),
        with("\"limitRevision\":4294967295", "\"limitRevision\":4294967296"), with("\"id\":", "\"ID\":")}) {
    const auto got = decode_key_changes(bad);
    ASSERT_FALSE(got.has_value()) << bad;
    EXPECT_TRUE(got.error().is(codes::invalid_document));
    EXPECT_FALSE(got.error().fields().empty());
  }
}

}  // namespace
}  // namespace tollgate::codec
