// Small negative numbers as small unsigned ones: 0, -1, 1, -2, … become 0, 1, 2, 3, …
#pragma once

#include <cstdint>

namespace tollgate::core {

constexpr std::uint64_t zigzag(std::uint64_t difference) {
  return (difference << 1) ^ (0 - (difference >> 63));
}
constexpr std::uint64_t unzigzag(std::uint64_t coded) {
  return (coded >> 1) ^ (0 - (coded & 1));
}

}  // namespace tollgate::core
