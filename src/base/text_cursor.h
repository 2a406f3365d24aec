// Writes text at the end of a string whose size is bounded beforehand: no check per piece, so that heads of a dozen
// small pieces cost little more than copying them.
//
//   append_text(out, bound, [&](TextCursor& text) { text.put("X: ").put_number(7).put("\r\n"); });
#pragma once

#include <tmmintrin.h>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/assert.h"

namespace tollgate {

class TextCursor {
 public:
  explicit TextCursor(char* at) : at_(at) {}

  TextCursor& put(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }
  TextCursor& put_number(std::uint64_t number) {
    at_ = std::to_chars(at_, at_ + kNumberBytes, number).ptr;
    return *this;
  }
  // Sixteen lower-case digits: each half of a byte is looked up in the table of digits, all at once.
  TextCursor& put_hex64(std::uint64_t value) {
    const __m128i digits =
        _mm_setr_epi8('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f');
    const __m128i half = _mm_set1_epi8(15);
    const __m128i bytes = _mm_cvtsi64_si128(static_cast<std::int64_t>(__builtin_bswap64(value)));
    const __m128i high = _mm_and_si128(_mm_srli_epi64(bytes, 4), half);
    const __m128i low = _mm_and_si128(bytes, half);
    const __m128i text = _mm_shuffle_epi8(digits, _mm_unpacklo_epi8(high, low));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(at_), text);
    at_ += 16;
    return *this;
  }
  const char* at() const { return at_; }

  static constexpr std::size_t kNumberBytes = 20;  // of any 64-bit number

 private:
  char* at_;
};

// Calls write(TextCursor&), which may put at most `bound` bytes: more is a programming error and aborts.
template <class Write>
void append_text(std::string& out, std::size_t bound, Write&& write) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + bound, [&](char* data, std::size_t) {
    TextCursor cursor(data + before);
    write(cursor);
    const auto written = static_cast<std::size_t>(cursor.at() - data) - before;
    TG_ASSERT(written <= bound);
    return before + written;
  });
}

}  // namespace tollgate
