// Small string work that the standard library lacks: joining, strict numbers, ASCII case.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace tollgate::str {

inline void append_one(std::string& out, std::string_view text) {
  out.append(text);
}
inline void append_one(std::string& out, char c) {
  out.push_back(c);
}
template <std::integral N>
  requires(!std::same_as<N, char> && !std::same_as<N, bool>)
void append_one(std::string& out, N number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out.append(digits, end);
}

// cat("port ", 80, " is taken")
template <class... Parts>
std::string cat(const Parts&... parts) {
  std::string out;
  (append_one(out, parts), ...);
  return out;
}
template <class... Parts>
void append(std::string& out, const Parts&... parts) {
  (append_one(out, parts), ...);
}

// Makes the text `size` bytes long without writing those that are new: whoever calls writes them. (What libstdc++ 12
// tells the operation is not always the size that was asked for.)
inline void resize_for_overwrite(std::string& text, std::size_t size) {
  text.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
}

// The whole text as a decimal number, no sign for unsigned types, no spaces, no overflow.
template <std::integral N>
std::optional<N> parse_int(std::string_view text) {
  N value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// ASCII only, as protocol tokens are.
constexpr bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

// Removes spaces and tabs (OWS) at both ends.
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The candidate nearest to `word` by edit distance, or nothing when none is near: for "did you mean".
std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& candidates);

bool is_valid_utf8(std::string_view text);

std::string to_hex(std::string_view bytes);
// base64url without padding (RFC 4648 §5). Decoding accepts only the canonical form.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace tollgate::str
