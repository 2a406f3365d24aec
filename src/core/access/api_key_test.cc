#include "core/access/api_key.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "base/random.h"

namespace tollgate::core {
namespace {

const std::string kId = "8Jw0abcXYZ";
const std::string kSecret = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg";

std::string key_text(std::string_view prefix = "tg", std::string_view env = "live") {
  return format_api_key({.prefix = prefix, .env = env, .id = kId, .secret = kSecret});
}

// A text whose checksum is right for whatever stands before it.
std::string with_checksum_of(const std::string& body) {
  static constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::uint32_t crc = 0xffffffffu;
  for (const char c : body) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  crc ^= 0xffffffffu;
  std::string digits(6, '0');
  for (std::size_t i = 6; i-- > 0; crc /= 62) digits[i] = kDigits[crc % 62];
  return body + "_" + digits;
}

TEST(ApiKey, EveryPartComesBack) {
  for (const std::string prefix : {"t", "tg", "abcdef12"}) {
    for (const std::string env : {"1", "live", "testtest"}) {
      const std::string text = key_text(prefix, env);
      const auto key = parse_api_key(text);
      ASSERT_TRUE(key) << text;
      EXPECT_EQ(key->prefix, prefix);
      EXPECT_EQ(key->env, env);
      EXPECT_EQ(key->id.view(), kId);
      EXPECT_EQ(key->secret, kSecret);
    }
  }
}

TEST(ApiKey, TheTextFormIsStable) {
  const std::string text = key_text();
  EXPECT_EQ(text, with_checksum_of("tg_live_" + kId + "_" + kSecret));
  EXPECT_EQ(text.size(), 69u);
}

TEST(ApiKey, EverySingleCharacterChangeIsRefused) {
  const std::string text = key_text();
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = text;
      changed[at] = static_cast<char>(c);
      ASSERT_EQ(parse_api_key(changed).has_value(), changed == text) << at << " " << c;
    }
  }
}

TEST(ApiKey, EveryTruncationAndEveryExtensionIsRefused) {
  const std::string text = key_text();
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_api_key(std::string_view(text).substr(0, size)));
    EXPECT_FALSE(parse_api_key(std::string_view(text).substr(text.size() - size)));
  }
  for (const char* extra : {" ", "a", "_", "\n"}) {
    EXPECT_FALSE(parse_api_key(text + extra));
    EXPECT_FALSE(parse_api_key(extra + text));
  }
  EXPECT_FALSE(parse_api_key(std::string(1 << 20, 'a')));
}

TEST(ApiKey, AWrongFormIsRefusedEvenWithTheRightChecksum) {
  ASSERT_TRUE(parse_api_key(with_checksum_of("tg_live_" + kId + "_" + kSecret)));
  for (const std::string& body : {
           "TG_live_" + kId + "_" + kSecret,
           "tg_Live_" + kId + "_" + kSecret,
           "_live_" + kId + "_" + kSecret,
           "tg__" + kId + "_" + kSecret,
           "abcdefghi_live_" + kId + "_" + kSecret,
           "tg_abcdefghi_" + kId + "_" + kSecret,
           "tg_live_" + kId + "a_" + kSecret,
           "tg_live_" + kId.substr(1) + "_" + kSecret,
           "tg_live_" + kId + "_" + kSecret + "a",
           "tg_live_" + kId + "_" + kSecret.substr(1),
           "tg_live_8Jw0abcXY-_" + kSecret,
           "tg_live_" + kId + "_" + kSecret.substr(1) + "/",
           "tg_li_ve_" + kId + "_" + kSecret,
           "tg-live_" + kId + "_" + kSecret,
           kId + "_" + kSecret,
       }) {
    EXPECT_FALSE(parse_api_key(with_checksum_of(body))) << body;
  }
}

RC_GTEST_PROP(ApiKey, RandomKeysComeBackAndRandomBytesDoNot, (const std::string& noise)) {
  const std::string id = random_base62(10), secret = random_base62(kKeySecretLength);
  const std::string text = format_api_key({.prefix = "tg", .env = "test", .id = id, .secret = secret});
  const auto key = parse_api_key(text);
  RC_ASSERT(key && key->id.view() == id && key->secret == secret);
  RC_ASSERT(!parse_api_key(noise));
}

TEST(KeyId, TakesTenAlphanumericCharactersOnly) {
  EXPECT_TRUE(KeyId::parse("0aZ9876543"));
  EXPECT_FALSE(KeyId::parse("0aZ987654"));
  EXPECT_FALSE(KeyId::parse("0aZ98765432"));
  EXPECT_FALSE(KeyId::parse("0aZ98765_3"));
  EXPECT_FALSE(KeyId::parse(std::string(10, '\0')));
  EXPECT_TRUE(KeyId{}.empty());
  EXPECT_EQ(KeyId{}.view(), "");
}

}  // namespace
}  // namespace tollgate::core
