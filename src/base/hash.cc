#include "base/hash.h"

#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tollgate {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 hash128(std::string_view bytes, std::uint64_t seed) noexcept {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.low64, hash.high64};
}

Hash128 hash_tuple(std::initializer_list<std::string_view> parts, std::uint64_t seed) noexcept {
  char buffer[512];
  std::size_t used = 0;
  const auto put = [&](const void* bytes, std::size_t size) {
    std::memcpy(buffer + used, bytes, size);
    used += size;
  };
  for (const std::string_view part : parts) {
    const std::uint64_t length = part.size();
    if (used + sizeof(length) + part.size() <= sizeof(buffer)) {
      put(&length, sizeof(length));
      if (!part.empty()) put(part.data(), part.size());
      continue;
    }
    // Does not fit: what is there so far and this part become one hash, marked by a length no string has.
    const Hash128 before = hash128({buffer, used}, seed);
    const Hash128 piece = hash128(part, seed);
    const std::uint64_t mark = ~length;
    used = 0;
    put(&mark, sizeof(mark));
    put(&before, sizeof(before));
    put(&piece, sizeof(piece));
  }
  return hash128({buffer, used}, seed);
}

}  // namespace tollgate
