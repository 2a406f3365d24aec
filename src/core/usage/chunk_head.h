// How a chunk stands in bytes: a head, and sections, each of which can be checked and read without the others.
//
//   u8 version = 2 | u32 CRC32C of what follows, up to the sections | u16 length of the rest of the head
//   head: varints rows, unit, first key, first bucket, number of sections, each one's length; then the u32 CRC32C of
//   each that is not empty
//   sections in the order of `Section`; further ones, which this reader does not know, may follow       little-endian
//
// A column is one varint a row, of a difference to what is to be expected, so that most are small: keys to the row
// before; buckets to the first, in units; allowed and cost to the requests; a latency's buckets to the one before. A
// column of nothing but zeros is left out. Shapes (u32 route, u32 tier, u8 method, u8 status class), consumers (u32)
// and what is said of clients beside their columns are bytes as they are.
//
// Version 1 had one CRC32C over everything, no consumers and no clients. It is still read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage/rollup.h"

namespace tollgate::core::chunk_format {

enum Section : std::uint8_t {
  shapes,
  consumers,
  key,
  shape,     // index in shapes
  consumer,  // 0: none; else index in consumers, + 1
  bucket,
  requests,
  allowed,
  rate_limited,
  unauthorized,
  errors,
  bytes_in,
  bytes_out,
  cost,
  last,
  buckets,       // of the latency; see ChunkWriter::add_latency
  places,        // as many as there are buckets
  place_counts,  // one less where the last follows from the row's requests
  clients,       // see ChunkWriter::add_clients
  client_first,  // the least hash of those that are kept, u32
  client_gaps,   // from each to the next, less one
  client_registers,
  sections,
};

inline constexpr std::uint8_t kVersion = 2;
inline constexpr std::size_t kPrefixBytes = 7;  // before the head's varints
inline constexpr std::size_t kShapeBytes = 10;
inline constexpr std::size_t kWordBytes = 4;
// So many bytes of a chunk hold its head, whatever that says.
inline constexpr std::size_t kHeadBytesMax = 1024;

// What of a row repeats: route, tier; method and status class in the upper 16 bits.
struct Shape {
  std::uint64_t place = 0;
  std::uint64_t upper = 0;
  bool operator==(const Shape&) const = default;
};

// A head, and where the sections are: all of them within the chunk.
struct Head {
  struct Place {
    std::size_t at = 0;
    std::size_t length = 0;
    std::uint32_t crc = 0;
  };
  std::uint8_t version = kVersion;
  std::uint64_t rows = 0;
  std::uint64_t unit = 1;
  std::uint64_t first_key = 0;
  std::uint64_t first_bucket = 0;
  std::array<Place, sections> where{};
  std::uint32_t crc = 0;  // of version 1: of everything

  // `beginning` is at least the first kHeadBytesMax of a chunk of `size` bytes, or all of it. Nothing when that is no
  // chunk: another version, or damaged.
  static std::optional<Head> parse(std::string_view beginning, std::size_t size);
  // In front of the sections' bytes.
  static std::string write(const Head& head);
};

// Bytes from … to of a chunk, without `to`.
struct ByteRange {
  std::size_t from = 0;
  std::size_t to = 0;
  bool operator==(const ByteRange&) const = default;
};
// Those that a reader of these parts needs besides the head, in ascending order.
std::vector<ByteRange> ranges_of(const Head& head, RowParts parts);
// Whether the sections of these parts are what was written.
bool is_sound(const Head& head, std::string_view bytes, RowParts parts);

}  // namespace tollgate::core::chunk_format
