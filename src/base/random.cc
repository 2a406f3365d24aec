#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <cerrno>

#include "base/assert.h"

namespace tollgate {

void fill_random(std::span<std::byte> out) noexcept {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    TG_ASSERT(got > 0);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::uint64_t random_u64() noexcept {
  std::uint64_t value = 0;
  fill_random(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

std::string random_base62(std::size_t length) {
  static constexpr char kDigits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string out;
  out.reserve(length);
  while (out.size() < length) {
    std::array<std::byte, 64> bytes{};
    fill_random(bytes);
    for (const std::byte byte : bytes) {
      const auto value = std::to_integer<unsigned>(byte);
      if (value < 248 && out.size() < length) out.push_back(kDigits[value % 62]);  // 248 = 4 × 62: no bias
    }
  }
  return out;
}

}  // namespace tollgate
