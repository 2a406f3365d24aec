#include "crypto/secret_bytes.h"

#include <gtest/gtest.h>

namespace tollgate::crypto {
namespace {

TEST(ConstantTimeEqual, AgreesWithOrdinaryComparison) {
  const std::string base = "0123456789abcdef";
  EXPECT_TRUE(constant_time_equal(base, base));
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_FALSE(constant_time_equal(base, base.substr(1)));
  EXPECT_FALSE(constant_time_equal(base, ""));
  for (std::size_t i = 0; i < base.size(); ++i) {
    std::string other = base;
    other[i] ^= 1;
    EXPECT_FALSE(constant_time_equal(base, other)) << i;
  }
  EXPECT_TRUE(constant_time_equal(sha256("a"), sha256("a")));
  EXPECT_FALSE(constant_time_equal(sha256("a"), sha256("b")));
}

TEST(Cleanse, OverwritesTheBytesAndEmptiesTheString) {
  std::string secret(64, 's');
  const char* const bytes = secret.data();
  cleanse(secret);
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(std::string_view(bytes + 1, 63).find('s'), std::string_view::npos);
}

}  // namespace
}  // namespace tollgate::crypto
