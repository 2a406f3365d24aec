// Numbers in fewer bytes than their range would take, for records that are kept by the million.
//
// Pure. Thread safety: values.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

namespace tollgate::core {

// 48 bits: bytes of a body, up to 256 TiB; more is recorded as the most there is.
class U48 {
 public:
  static constexpr std::uint64_t kMax = (std::uint64_t{1} << 48) - 1;

  U48() = default;
  U48(std::uint64_t value) {  // NOLINT(google-explicit-constructor): takes the place of a plain number
    const std::uint64_t kept = std::min(value, kMax);
    std::memcpy(bytes_.data(), &kept, bytes_.size());
  }
  std::uint64_t value() const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data(), bytes_.size());
    return value;
  }
  bool operator==(const U48&) const = default;

 private:
  static_assert(std::endian::native == std::endian::little, "the six low bytes come first");
  std::array<std::uint8_t, 6> bytes_{};
};

// Whole tokens of a bucket in 16 bits, as a floating point number of 4 bits of exponent and 13 of mantissa: exact below
// 8,192; beyond that rounded down, by less than 0.025 %; at most 134,201,344.
class Level {
 public:
  Level() = default;
  static Level of(std::uint64_t tokens) {
    if (tokens < kHidden) return Level(static_cast<std::uint16_t>(tokens));
    const auto shift = static_cast<unsigned>(std::bit_width(tokens)) - 1 - kMantissaBits;
    if (shift > kShiftMax) return Level(std::numeric_limits<std::uint16_t>::max());
    return Level(static_cast<std::uint16_t>((shift + 1) << kMantissaBits | ((tokens >> shift) & (kHidden - 1))));
  }
  std::uint64_t tokens() const {
    const unsigned exponent = code_ >> kMantissaBits;
    const std::uint64_t mantissa = code_ & (kHidden - 1);
    return exponent == 0 ? mantissa : (kHidden | mantissa) << (exponent - 1);
  }
  bool is_exact() const { return tokens() < 2 * kHidden; }
  std::uint16_t code() const { return code_; }
  static Level from_code(std::uint16_t code) { return Level(code); }
  bool operator==(const Level&) const = default;

 private:
  static constexpr unsigned kMantissaBits = 12;
  static constexpr unsigned kShiftMax = 14;
  static constexpr std::uint64_t kHidden = std::uint64_t{1} << kMantissaBits;  // the leading bit, which is not kept

  explicit Level(std::uint16_t code) : code_(code) {}

  std::uint16_t code_ = 0;
};

}  // namespace tollgate::core
