// One table that answers, for each byte, which parts of an HTTP/1 message it may stand in.
#pragma once

#include <array>
#include <cstdint>

namespace tollgate::codec {

// Bits of a character's class.
inline constexpr std::uint8_t kTokenChar = 1;    // RFC 9110 §5.6.2
inline constexpr std::uint8_t kTargetChar = 2;   // printable ASCII without '\' and '#'
inline constexpr std::uint8_t kFieldChar = 4;    // field values: everything but control characters; HTAB is allowed
inline constexpr std::uint8_t kRegNameChar = 8;  // RFC 3986 reg-name without ',' and '%'
inline constexpr std::uint8_t kUnreserved = 16;  // RFC 3986 §2.3

inline constexpr std::array<std::uint8_t, 256> kCharClass = [] {
  std::array<std::uint8_t, 256> table{};
  const auto add = [&table](const char* chars, unsigned bits) {
    for (; *chars != '\0'; ++chars) {
      auto& entry = table[static_cast<unsigned char>(*chars)];
      entry = static_cast<std::uint8_t>(entry | bits);
    }
  };
  for (unsigned c = 0x20; c < 256; ++c) {
    if (c != 0x7f) table[c] = kFieldChar;
    if (c > 0x20 && c < 0x7f && c != '\\' && c != '#') table[c] = kFieldChar | kTargetChar;
  }
  add("\t", kFieldChar);
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", kTokenChar | kRegNameChar | kUnreserved);
  add("!#$%&'*+-.^_`|~", kTokenChar);
  add("-._~", kRegNameChar | kUnreserved);
  add("!$&'()*+;=", kRegNameChar);
  return table;
}();

constexpr std::uint8_t char_class(char c) {
  return kCharClass[static_cast<unsigned char>(c)];
}
constexpr bool is_token_char(char c) {
  return (char_class(c) & kTokenChar) != 0;
}
constexpr bool is_field_char(char c) {
  return (char_class(c) & kFieldChar) != 0;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// 0 … 15, or -1 when `c` is no hexadecimal digit.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace tollgate::codec
