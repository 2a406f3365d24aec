// SHA-256 and HMAC-SHA-256 of bytes in memory.
//
// Plain SHA-256 is right for API key secrets: they are 256 random bits, so nothing can be guessed faster than by trying
// them all. It is wrong for passwords; see password_hasher.h. Thread safety: pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tollgate::crypto {

using Digest256 = std::array<std::uint8_t, 32>;

// About 60 ns for a key's secret.
Digest256 sha256(std::string_view bytes) noexcept;

struct HmacKey {
  std::string_view bytes;
};
Digest256 hmac_sha256(HmacKey key, std::string_view message) noexcept;

}  // namespace tollgate::crypto
