#include "base/crc.h"

#include <nmmintrin.h>

#include <array>
#include <cstring>
#include <utility>

namespace tollgate {
namespace {

// Eight bytes a step: table k holds what a byte does to the remainder when k more bytes follow it.
using IeeeTables = std::array<std::array<std::uint32_t, 256>, 8>;
constexpr IeeeTables kIeee = [] {
  IeeeTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320u : 0u);
    tables[0][i] = value;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t i = 0; i < 256; ++i) {
      const std::uint32_t before = tables[k - 1][i];
      tables[k][i] = (before >> 8) ^ tables[0][before & 255];
    }
  }
  return tables;
}();

// Written out for each byte: the compiler leaves a loop over them a loop, at twice the price.
template <std::size_t... kByte>
std::uint32_t ieee_step(std::uint64_t word, std::index_sequence<kByte...>) noexcept {
  return (kIeee[7 - kByte][(word >> (8 * kByte)) & 255] ^ ...);
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) noexcept {
  std::uint64_t crc = before ^ 0xffffffffu;
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, p += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  auto narrow = static_cast<std::uint32_t>(crc);
  for (; left > 0; --left, ++p) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*p));
  return narrow ^ 0xffffffffu;
}

std::uint32_t crc32_ieee(std::string_view bytes) noexcept {
  std::uint32_t crc = 0xffffffffu;
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, p += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, 8);
    crc = ieee_step(word ^ crc, std::make_index_sequence<8>());
  }
  for (; left > 0; --left, ++p) crc = (crc >> 8) ^ kIeee[0][(crc ^ static_cast<unsigned char>(*p)) & 255];
  return crc ^ 0xffffffffu;
}

}  // namespace tollgate
