#include "base/crc.h"

#include <gtest/gtest.h>

#include <string>

namespace tollgate {
namespace {

// The check value of both catalogues is the checksum of these nine digits.
constexpr std::string_view kNineDigits = "123456789";

std::uint32_t bit_by_bit(std::string_view bytes, std::uint32_t polynomial) {
  std::uint32_t crc = 0xffffffffu;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0u);
  }
  return crc ^ 0xffffffffu;
}

TEST(Crc, AgreesWithThePublishedCheckValues) {
  EXPECT_EQ(crc32c(kNineDigits), 0xe3069283u);
  EXPECT_EQ(crc32_ieee(kNineDigits), 0xcbf43926u);
}

TEST(Crc, EveryLengthAgreesWithTheDefinition) {
  std::string bytes;
  for (int size = 0; size < 100; ++size) {
    EXPECT_EQ(crc32c(bytes), bit_by_bit(bytes, 0x82f63b78u)) << size;
    EXPECT_EQ(crc32_ieee(bytes), bit_by_bit(bytes, 0xedb88320u)) << size;
    bytes.push_back(static_cast<char>(size * 37 + 200));
  }
}

TEST(Crc, ACastagnoliSumMayBeTakenInParts) {
  const std::string text = "a record that is written in two parts";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(crc32c(std::string_view(text).substr(cut), crc32c(std::string_view(text).substr(0, cut))), crc32c(text));
  }
}

}  // namespace
}  // namespace tollgate
