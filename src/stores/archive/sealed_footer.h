// What stands at the end of a sealed file and is kept in memory: where its blocks are, of which times, and how far each
// ring had come.
//
//   sealed file: header, names, blocks, index pages, footer, then u32 length of the footer's frame and 8 bytes
//   "TGREQEND"
//
// Pure. Thread safety: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage/frames.h"

namespace tollgate::stores {

struct FramePlace {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  bool operator==(const FramePlace&) const = default;
};

struct SealedBlock {
  FramePlace place;
  std::uint32_t records = 0;
  std::int64_t first_ns = 0, last_ns = 0;
  bool operator==(const SealedBlock&) const = default;
};

struct SealedFooter {
  std::int64_t sealed_ns = 0;             // by the clock of whoever sealed it
  std::uint64_t damaged = 0;              // places of the open file that could not be read
  std::vector<SealedBlock> blocks;        // in the order of time
  std::vector<FramePlace> index;          // empty: nobody knows which terms are where
  std::vector<core::RingPosition> rings;  // every ring there ever was: the archive has what is below
  bool operator==(const SealedFooter&) const = default;

  std::uint64_t records() const;
  std::int64_t first_ns() const { return blocks.empty() ? sealed_ns : blocks.front().first_ns; }
  std::int64_t last_ns() const { return blocks.empty() ? sealed_ns : blocks.back().last_ns; }
};

inline constexpr std::size_t kSealedTrailerBytes = 12;

std::string encode_footer(const SealedFooter& footer);
// Nothing when the payload contradicts itself.
std::optional<SealedFooter> decode_footer(std::string_view payload);

// The footer's frame and the trailer behind it.
std::string footer_and_trailer(const SealedFooter& footer);
// How long the footer's frame is, which stands before the trailer. Nothing when this is none.
std::optional<std::uint32_t> read_trailer(std::string_view trailer);

}  // namespace tollgate::stores
