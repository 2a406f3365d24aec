// How the HTTP/1 fuzz targets cut their input: at places that follow from the bytes, so that a corpus file is the
// message itself and a finding replays.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "codec/http1/test_drive.h"

namespace tollgate::codec {

// Longer inputs are not also fed one byte at a time: that costs the square of the length.
inline constexpr std::size_t kDripMax = 512;

inline std::vector<std::size_t> random_cuts(std::string_view bytes) {
  std::uint64_t state = 0xcbf29ce484222325;  // FNV-1a, RFC 9923
  for (const char c : bytes) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::vector<std::size_t> cuts;
  for (std::uint64_t left = state % 6; left > 0; --left) {
    state = state * 6364136223846793005 + 1442695040888963407;  // Knuth's MMIX generator
    cuts.push_back(static_cast<std::size_t>(state >> 33U) % (bytes.size() + 1));
  }
  std::ranges::sort(cuts);
  return cuts;
}

}  // namespace tollgate::codec
