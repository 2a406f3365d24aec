// Seeded hashing (XXH3). A secret seed keeps an attacker from choosing keys that collide; it is not a signature.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace tollgate {

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  auto operator<=>(const Hash128&) const = default;
};

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) noexcept;
Hash128 hash128(std::string_view bytes, std::uint64_t seed) noexcept;

// The hash of a tuple of strings: each part is length-prefixed, so ("a", "bc") and ("ab", "c") never meet.
// At most 512 bytes in all are hashed in one step; longer tuples hash their parts first.
Hash128 hash_tuple(std::initializer_list<std::string_view> parts, std::uint64_t seed) noexcept;

}  // namespace tollgate
