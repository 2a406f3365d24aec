#include "core/access/api_key.h"

#include <algorithm>

#include "base/assert.h"
#include "base/crc.h"

namespace tollgate::core {
namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kIdLength = KeyId{}.text.size();
constexpr std::size_t kChecksumLength = 6;  // 62⁶ > 2³²
constexpr std::size_t kMaxPartLength = 8;   // of prefix and env
constexpr std::size_t kTailLength = kIdLength + 1 + kKeySecretLength + 1 + kChecksumLength;

// Bits; a character may have both.
using CharClass = std::uint8_t;
constexpr CharClass kAlphanumeric = 1;
constexpr CharClass kLowerOrDigit = 2;

constexpr std::array<CharClass, 256> kClasses = [] {
  std::array<CharClass, 256> table{};
  for (const char c : kBase62) {
    const bool upper = c >= 'A' && c <= 'Z';
    table[static_cast<unsigned char>(c)] = upper ? kAlphanumeric : kAlphanumeric | kLowerOrDigit;
  }
  return table;
}();

bool all_of_class(std::string_view text, CharClass wanted) noexcept {
  return std::ranges::all_of(text,
                             [wanted](char c) { return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0; });
}

bool is_short_part(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxPartLength && all_of_class(text, kLowerOrDigit);
}

using Checksum = std::array<char, kChecksumLength>;

// Most significant digit first, so that short numbers begin with zeros.
Checksum checksum_of(std::string_view text) noexcept {
  Checksum digits;
  std::uint32_t value = crc32_ieee(text);
  for (std::size_t i = digits.size(); i-- > 0; value /= 62) digits[i] = kBase62[value % 62];
  return digits;
}

}  // namespace

std::optional<KeyId> KeyId::parse(std::string_view text) {
  if (text.size() != kIdLength || !all_of_class(text, kAlphanumeric)) return std::nullopt;
  KeyId id;
  std::ranges::copy(text, id.text.begin());
  return id;
}

std::optional<ApiKeyText> parse_api_key(std::string_view text) noexcept {
  // prefix_env_ in front, and behind it parts of fixed length.
  if (text.size() < kTailLength + 4 || text.size() > kTailLength + 2 * kMaxPartLength + 2) return std::nullopt;
  const std::string_view tail = text.substr(text.size() - kTailLength);
  const std::string_view head = text.substr(0, text.size() - kTailLength);
  const std::size_t separator = head.find('_');
  if (separator == std::string_view::npos || head.back() != '_' || separator + 1 >= head.size()) return std::nullopt;
  ApiKeyText key;
  key.prefix = head.substr(0, separator);
  key.env = head.substr(separator + 1, head.size() - separator - 2);
  if (!is_short_part(key.prefix) || !is_short_part(key.env)) return std::nullopt;

  constexpr std::size_t kSecretAt = kIdLength + 1;
  constexpr std::size_t kChecksumAt = kSecretAt + kKeySecretLength + 1;
  if (tail[kSecretAt - 1] != '_' || tail[kChecksumAt - 1] != '_') return std::nullopt;
  key.secret = tail.substr(kSecretAt, kKeySecretLength);
  const auto id = KeyId::parse(tail.substr(0, kIdLength));
  if (!id || !all_of_class(key.secret, kAlphanumeric)) return std::nullopt;
  key.id = *id;

  const Checksum expected = checksum_of(text.substr(0, text.size() - kChecksumLength - 1));
  if (tail.substr(kChecksumAt) != std::string_view(expected.data(), expected.size())) return std::nullopt;
  return key;
}

std::string format_api_key(const ApiKeyParts& parts) {
  std::string out;
  out.reserve(kTailLength + 2 * kMaxPartLength + 2);
  for (const std::string_view part : {parts.prefix, parts.env, parts.id, parts.secret}) {
    out += part;
    out.push_back('_');
  }
  const Checksum checksum = checksum_of(std::string_view(out).substr(0, out.size() - 1));
  out.append(checksum.data(), checksum.size());
  TG_ASSERT(parse_api_key(out).has_value());
  return out;
}

}  // namespace tollgate::core
