#include "crypto/secret_policy.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/str.h"
#include "crypto/guessable.h"

namespace tollgate::crypto {
namespace {

bool accepts_secret(std::string_view value) {
  return check_secret({.name = "JWT_SECRET", .value = value}).has_value();
}
bool accepts_password(std::string_view value) {
  return check_password({.user = "alice", .value = value}).has_value();
}

TEST(SecretPolicy, TakesWhatWasDrawnAtRandom) {
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(accepts_secret(random_base62(43)));
    std::string bytes(32, '\0');
    fill_random(std::as_writable_bytes(std::span(bytes)));
    EXPECT_TRUE(accepts_secret(bytes));
    EXPECT_TRUE(accepts_secret(str::to_hex(bytes)));
  }
}

TEST(SecretPolicy, RefusesShortKnownAndPatternedSecrets) {
  for (const std::string& weak : {
           std::string(),
           std::string("secret"),
           std::string("changeme"),
           random_base62(31),
           std::string(64, 'a'),
           std::string(64, '\0'),
           std::string("your-256-bit-secret"),
           std::string("a-string-secret-at-least-256-bits-long"),
           std::string("A-STRING-secret-at-least-256-bits-long"),
           std::string("secretsecretsecretsecretsecretsecret"),
           std::string("changemechangemechangemechangeme"),
           std::string("0123456789abcdef0123456789abcdef"),
           std::string("abcdefghijklmnopqrstuvwxyz012345"),
           std::string("01100101100101010010101110010100111001"),
           std::string("aaaabbbbaaabbbaaabbbabababbabbaccc"),
           std::string("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo"),
       }) {
    EXPECT_FALSE(accepts_secret(weak)) << weak;
  }
}

TEST(SecretPolicy, ARefusalSaysWhatToDoAndNotWhatTheSecretWas) {
  const auto refused = check_secret({.name = "JWT_SECRET", .value = "hunter2hunter2"});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::weak_secret));
  EXPECT_NE(refused.error().detail().find("JWT_SECRET"), std::string::npos);
  EXPECT_NE(refused.error().detail().find("/dev/urandom"), std::string::npos);
  EXPECT_EQ(refused.error().detail().find("hunter2"), std::string::npos);
}

TEST(PasswordPolicy, TakesLongPassphrasesAndRandomPasswords) {
  for (const char* good : {"correct horse battery staple", "Tr0ub4dor&3xyz", "äöüßéèçñ12", "my dog ate 7 socks"}) {
    EXPECT_TRUE(accepts_password(good)) << good;
  }
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(accepts_password(random_base62(12)));
  EXPECT_TRUE(accepts_password(random_base62(1024)));
}

TEST(PasswordPolicy, RefusesShortLongCommonAndPatternedPasswords) {
  for (const std::string& weak : {
           std::string(),
           std::string("short"),
           random_base62(11),
           random_base62(1025),
           std::string("password1234"),
           std::string("Password2024!"),
           std::string("P@ssw0rd12345"),
           std::string("adminadminadmin"),
           std::string("admin-admin-admin"),
           std::string("123456789012"),
           std::string("abcdefghijkl"),
           std::string(20, 'x'),
           std::string("abababababab"),
           std::string("aabbaabbabab"),
           std::string("qwertyuiop123"),
           std::string("alice1234567"),
           std::string("2024ALICE2024"),
           std::string("changeme12345"),
           std::string("tollgate-2026"),
           std::string("\xff\xfe"
                       "abcdefghijklmn"),
       }) {
    EXPECT_FALSE(accepts_password(weak)) << weak;
  }
}

TEST(Guessable, MeasuresWhatItSays) {
  EXPECT_EQ(bits_per_character(""), 0);
  EXPECT_EQ(bits_per_character("aaaa"), 0);
  EXPECT_EQ(bits_per_character("abab"), 1);
  EXPECT_EQ(bits_per_character("abcdefgh"), 3);
  EXPECT_TRUE(is_repetition("abcabc"));
  EXPECT_TRUE(is_repetition("abcabca"));
  EXPECT_FALSE(is_repetition("abcdabce"));
  EXPECT_FALSE(is_repetition("a"));
  EXPECT_TRUE(is_sequence("987654321"));
  EXPECT_FALSE(is_sequence("acegikmoq"));
}

}  // namespace
}  // namespace tollgate::crypto
