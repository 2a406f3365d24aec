// Numbers that follow one another, made to look like anything but: MurmurHash3's finaliser (Appleby), which maps 32
// bits onto 32 bits one to one, and its inverse. No secret.
#pragma once

#include <cstdint>

namespace tollgate {

namespace scatter_detail {

inline constexpr std::uint32_t kFirst = 0x85eb'ca6bu;
inline constexpr std::uint32_t kSecond = 0xc2b2'ae35u;

// What an odd number has to be multiplied with to give 1; each step doubles the bits that are right.
constexpr std::uint32_t inverse(std::uint32_t odd) {
  std::uint32_t x = odd;
  for (int i = 0; i < 5; ++i) x *= 2 - odd * x;
  return x;
}

}  // namespace scatter_detail

constexpr std::uint32_t scatter(std::uint32_t x) {
  x ^= x >> 16;
  x *= scatter_detail::kFirst;
  x ^= x >> 13;
  x *= scatter_detail::kSecond;
  return x ^ (x >> 16);
}

constexpr std::uint32_t unscatter(std::uint32_t x) {
  x ^= x >> 16;
  x *= scatter_detail::inverse(scatter_detail::kSecond);
  x ^= x >> 13 ^ x >> 26;
  x *= scatter_detail::inverse(scatter_detail::kFirst);
  return x ^ (x >> 16);
}

static_assert(unscatter(scatter(0)) == 0 && unscatter(scatter(0xffff'ffffu)) == 0xffff'ffffu);
static_assert(unscatter(scatter(0x1234'5678u)) == 0x1234'5678u);

}  // namespace tollgate
