// Writes text at the end of a string whose size is bounded beforehand: no check per piece, so that heads of a dozen
// small pieces cost little more than copying them.
//
//   append_text(out, bound, [&](TextCursor& text) { text.put("X: ").put_number(7).put("\r\n"); });
#pragma once

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
  // Sixteen lower-case digits.
  TextCursor& put_hex64(std::uint64_t value) {
    static constexpr char kDigits[] = "0123456789abcdef";
    for (int i = 15; i >= 0; --i, value >>= 4) at_[i] = kDigits[value & 15];
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
