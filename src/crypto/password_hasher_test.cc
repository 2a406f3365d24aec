#include "crypto/password_hasher.h"

#include <gtest/gtest.h>

namespace tollgate::crypto {
namespace {

// The least that Argon2 takes: what is tested here does not depend on the cost.
constexpr PasswordCost kCheap{.memory_kib = 8, .passes = 1, .lanes = 1};

TEST(PasswordHasher, DefaultCostIsNineteenMebibytesTwoPassesOneLane) {
  PasswordHasher hasher;
  const auto stored = hasher.hash("correct horse");
  ASSERT_TRUE(stored);
  EXPECT_TRUE(stored->phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << stored->phc;
  EXPECT_TRUE(hasher.verify("correct horse", *stored).value());
  EXPECT_FALSE(hasher.is_outdated(*stored));
}

TEST(PasswordHasher, OnlyTheSamePasswordVerifies) {
  PasswordHasher hasher(kCheap);
  const PasswordHash stored = hasher.hash("correct horse").value();
  EXPECT_TRUE(hasher.verify("correct horse", stored).value());
  for (const std::string& wrong : {std::string(), std::string("correct horsE"), std::string("correct horse "),
                                   std::string("correct horse\0", 14), std::string(1024, 'a')}) {
    EXPECT_FALSE(hasher.verify(wrong, stored).value()) << wrong;
  }
}

TEST(PasswordHasher, TheSamePasswordHashesDifferentlyEachTime) {
  PasswordHasher hasher(kCheap);
  EXPECT_NE(hasher.hash("correct horse").value().phc, hasher.hash("correct horse").value().phc);
}

TEST(PasswordHasher, NobodyNeverVerifies) {
  PasswordHasher hasher(kCheap);
  EXPECT_FALSE(hasher.verify_nobody("").value());
  EXPECT_FALSE(hasher.verify_nobody("correct horse").value());
}

TEST(PasswordHasher, HashesOfAnotherCostStillVerifyButAreOutdated) {
  PasswordHasher old(kCheap);
  PasswordHasher hasher({.memory_kib = 16, .passes = 1, .lanes = 1});
  const PasswordHash stored = old.hash("correct horse").value();
  EXPECT_TRUE(hasher.verify("correct horse", stored).value());
  EXPECT_TRUE(hasher.is_outdated(stored));
}

TEST(PasswordHasher, AHashThatCannotBeReadIsAnErrorNotAMatch) {
  PasswordHasher hasher(kCheap);
  for (const char* phc :
       {"", "correct horse", "$argon2id$v=19$m=8,t=1,p=1$", "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA"}) {
    const auto verified = hasher.verify("correct horse", {phc});
    ASSERT_FALSE(verified) << phc;
    EXPECT_TRUE(verified.error().is(codes::internal));
  }
}

}  // namespace
}  // namespace tollgate::crypto
