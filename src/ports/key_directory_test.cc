#include "ports/key_directory.h"

#include <gtest/gtest.h>

namespace tollgate::ports {
namespace {

constexpr WallTime kNow{Nanos(1'790'000'000'000'000'000)};

core::SecretHash secret(std::uint8_t fill) {
  core::SecretHash hash{};
  hash.fill(fill);
  return hash;
}

KeyEntry entry_with_old_secret_until(WallTime until) {
  KeyEntry entry;
  entry.secret_count = 2;
  entry.secrets = {secret(1), secret(2)};
  entry.old_secret_until = until;
  return entry;
}

TEST(KeyEntry, AcceptsTheOldSecretUntilItsGraceEndsAndNotAtThatMoment) {
  const KeyEntry entry = entry_with_old_secret_until(kNow);
  EXPECT_EQ(entry.check(secret(1), kNow), KeyEntry::Check::valid);
  EXPECT_EQ(entry.check(secret(2), kNow - Nanos(1)), KeyEntry::Check::valid);
  EXPECT_EQ(entry.check(secret(2), kNow), KeyEntry::Check::wrong_secret);
}

TEST(KeyEntry, NeverAcceptsTheEmptyPlaceOfASecondSecret) {
  KeyEntry entry;
  entry.secrets[0] = secret(1);
  entry.old_secret_until = WallTime::max();
  EXPECT_EQ(entry.check(secret(0), kNow), KeyEntry::Check::wrong_secret);
}

TEST(KeyEntry, TellsNothingAboutTheKeyToWhoeverHasNoSecretOfIt) {
  KeyEntry entry = entry_with_old_secret_until(kNow);
  entry.state = core::KeyState::disabled;
  entry.expires_at = kNow;
  EXPECT_EQ(entry.check(secret(3), kNow), KeyEntry::Check::wrong_secret);
  EXPECT_EQ(entry.check(secret(1), kNow), KeyEntry::Check::disabled);
}

TEST(KeyEntry, ExpiresAtItsTimeAndNotBefore) {
  KeyEntry entry = entry_with_old_secret_until(kNow);
  entry.expires_at = kNow;
  EXPECT_EQ(entry.check(secret(1), kNow - Nanos(1)), KeyEntry::Check::valid);
  EXPECT_EQ(entry.check(secret(1), kNow), KeyEntry::Check::expired);
}

TEST(KeyEntry, DiffersInEachByteOfTheSecret) {
  const KeyEntry entry = entry_with_old_secret_until(kNow);
  for (std::size_t i = 0; i < 32; ++i) {
    core::SecretHash wrong = secret(1);
    wrong[i] ^= 0x80;
    EXPECT_EQ(entry.check(wrong, kNow), KeyEntry::Check::wrong_secret) << i;
  }
}

// A million keys are to fit in 200 MB with the table's share.
static_assert(sizeof(KeyEntry) <= 160);

}  // namespace
}  // namespace tollgate::ports
