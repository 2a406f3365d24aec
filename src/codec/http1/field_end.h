// Finds where a field value ends: the hottest loop of the parsers, 16 bytes at a time.
#pragma once

#include <emmintrin.h>

#include <bit>
#include <cstdint>

#include "codec/http1/char_class.h"

namespace tollgate::codec {

// The first byte in [begin, end) that may not stand in a field value (a control character other than HTAB), or `end`.
inline const char* find_field_end(const char* begin, const char* end) noexcept {
  const __m128i last_control = _mm_set1_epi8(0x1f);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  while (end - begin >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(begin));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i refused =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), control), _mm_cmpeq_epi8(bytes, del));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(refused));
    if (mask != 0) return begin + std::countr_zero(mask);
    begin += 16;
  }
  while (begin < end && is_field_char(*begin)) ++begin;
  return begin;
}

}  // namespace tollgate::codec
