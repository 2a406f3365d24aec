// Finds where a field's name and value end: the hottest loops of the parsers, 16 bytes at a time.
#pragma once

#include <tmmintrin.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "codec/http1/char_class.h"

namespace tollgate::codec {

inline __m128i load_16(const void* bytes) {
  return _mm_loadu_si128(static_cast<const __m128i*>(bytes));
}
inline std::uint32_t mask_of(__m128i lanes) {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(lanes));
}

// The first byte in [begin, end) that may not stand in a field value (a control character other than HTAB), or `end`.
inline const char* find_field_end(const char* begin, const char* end) noexcept {
  const __m128i last_control = _mm_set1_epi8(0x1f);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  while (end - begin >= 16) {
    const __m128i bytes = load_16(begin);
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i refused =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), control), _mm_cmpeq_epi8(bytes, del));
    const std::uint32_t mask = mask_of(refused);
    if (mask != 0) return begin + std::countr_zero(mask);
    begin += 16;
  }
  while (begin < end && is_field_char(*begin)) ++begin;
  return begin;
}

// Token characters by their halves: bit h of kTokenHighs[l] says that 16 h + l is one.
inline constexpr std::array<std::uint8_t, 16> kTokenHighs = [] {
  std::array<std::uint8_t, 16> highs{};
  for (unsigned c = 0; c < 128; ++c) {
    if ((kCharClass[c] & kTokenChar) != 0) {
      highs[c % 16] = static_cast<std::uint8_t>(highs[c % 16] | 1U << (c / 16));
    }
  }
  return highs;
}();
inline constexpr std::array<std::uint8_t, 16> kBitOfHigh = {1, 2, 4, 8, 16, 32, 64, 128};

struct NameEnd {
  const char* end = nullptr;
  bool underscored = false;  // a '_' stands before it
};

// The first byte in [begin, end) that may not stand in a field name, or `end`.
inline NameEnd find_name_end(const char* begin, const char* end) noexcept {
  const __m128i highs_of_low = load_16(kTokenHighs.data());
  const __m128i bit_of_high = load_16(kBitOfHigh.data());
  const __m128i low_half = _mm_set1_epi8(0x0f);
  bool underscored = false;
  while (end - begin >= 16) {
    const __m128i bytes = load_16(begin);
    // A lane whose byte is 0x80 or more reads as zero from both tables.
    const __m128i highs = _mm_shuffle_epi8(highs_of_low, bytes);
    const __m128i high = _mm_shuffle_epi8(bit_of_high, _mm_and_si128(_mm_srli_epi16(bytes, 4), low_half));
    const std::uint32_t refused = mask_of(_mm_cmpeq_epi8(_mm_and_si128(highs, high), _mm_setzero_si128()));
    const std::uint32_t underscores = mask_of(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('_')));
    if (refused != 0) {
      const int length = std::countr_zero(refused);
      return {begin + length, underscored || (underscores & ((1U << length) - 1U)) != 0};
    }
    underscored = underscored || underscores != 0;
    begin += 16;
  }
  while (begin < end && is_token_char(*begin)) underscored |= *begin++ == '_';
  return {begin, underscored};
}

}  // namespace tollgate::codec
