// The text form of an API key: <prefix>_<env>_<keyid 10>_<secret 43>_<crc 6>, e.g. tg_live_8Jw0…_…_3fK2aQ.
// The checksum lets typos, truncations and scanners' guesses be refused without looking anything up.
//
// Pure. Thread safety: values. Views point into the text that was parsed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::core {

// Ten base62 characters that name a key in public: in logs, in records, in URLs.
struct KeyId {
  std::array<char, 10> text{};  // all zero: no key
  auto operator<=>(const KeyId&) const = default;
  bool empty() const { return text[0] == '\0'; }
  std::string_view view() const { return empty() ? std::string_view{} : std::string_view(text.data(), text.size()); }
  static std::optional<KeyId> parse(std::string_view text);
};

struct ApiKeyText {
  std::string_view prefix;  // "tg", 1 … 8 of [a-z0-9]
  std::string_view env;     // "live" or "test", 1 … 8 of [a-z0-9]
  KeyId id;
  std::string_view secret;  // 43 of [0-9A-Za-z], 256 bits
};

inline constexpr std::size_t kKeySecretLength = 43;

// Nothing unless every part has its form and the checksum is right. ~100 ns, no allocation.
std::optional<ApiKeyText> parse_api_key(std::string_view text) noexcept;

struct ApiKeyParts {
  std::string_view prefix;
  std::string_view env;
  std::string_view id;
  std::string_view secret;
};
std::string format_api_key(const ApiKeyParts& parts);

}  // namespace tollgate::core
