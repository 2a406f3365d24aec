// Chunks: many roll-up rows in one string of bytes, in ascending order of their keys, column by column, written once.
//
//   u8 version = 1 | u32 CRC32C of all that follows | varints: rows, unit, first key, first bucket, shapes, and the
//   length of each column | shapes: u32 route, u32 tier, u8 method, u8 status class each | columns     little-endian
//
// A column is one varint a row, of a difference to what is to be expected, so that most are small: keys to the row
// before; buckets to the first, in units; allowed and cost to the requests; a latency's buckets to the one before. A
// column of nothing but zeros is left out. ~15 bytes a row where each row is one record.
//
// Thread safety: one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage/rollup.h"

namespace tollgate::core {

inline constexpr std::size_t kChunkRowsMax = 8192;
// A chunk that reached this size takes no further row.
inline constexpr std::size_t kChunkBytesMax = 512 * 1024;

// What a chunk holds, for those who choose chunks.
struct ChunkInfo {
  std::int64_t bucket_min = 0;
  std::int64_t bucket_max = 0;
  std::uint64_t key_min = 0;
  std::uint64_t key_max = 0;
  std::uint64_t rows = 0;
};

struct Chunk {
  ChunkInfo info;
  std::string bytes;
};

namespace chunk_format {

enum Column : std::uint8_t {
  key,
  shape,
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
  columns,
};

inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 5;
inline constexpr std::size_t kShapeBytes = 10;

// One column while it is written.
class ColumnWriter {
 public:
  void add(std::uint64_t value) {
    if (value == 0 && size_ == 0) {
      ++leading_zeros_;
    } else {
      append(value);
    }
  }
  std::string_view bytes() const { return {bytes_.data(), size_}; }
  void clear() { leading_zeros_ = size_ = 0; }

 private:
  void append(std::uint64_t value);

  std::string bytes_;  // size_ of them count
  std::size_t size_ = 0;
  std::size_t leading_zeros_ = 0;
};

// One column while it is read. `sound` becomes false when there is nothing more to read.
class ColumnReader {
 public:
  ColumnReader() = default;
  explicit ColumnReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), all_zeros_(bytes.empty()) {}
  std::uint64_t next(bool& sound) {
    if (at_ == end_) {
      sound = sound && all_zeros_;
      return 0;
    }
    const auto byte = static_cast<std::uint8_t>(*at_++);
    return byte < 0x80 ? byte : rest_of(byte, sound);
  }
  void skip(std::size_t count, bool& sound);
  bool done() const { return at_ == end_; }

 private:
  std::uint64_t rest_of(std::uint64_t value, bool& sound);

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  bool all_zeros_ = true;
};

// What of a row repeats: route, tier; method and status class in the upper 16 bits.
struct Shape {
  std::uint64_t place = 0;
  std::uint64_t upper = 0;
  bool operator==(const Shape&) const = default;
};

}  // namespace chunk_format

class ChunkWriter {
 public:
  // Buckets are multiples of `unit` seconds.
  explicit ChunkWriter(Seconds unit) : unit_(unit.count()) {}

  // Rows in ascending order of key, at least one request each.
  void add(const RollupRow& row);
  bool empty() const { return info_.rows == 0; }
  bool full() const { return info_.rows >= kChunkRowsMax || bytes_ >= kChunkBytesMax; }
  // Not when empty. Starts over.
  Chunk take();

 private:
  std::uint32_t shape_index(const chunk_format::Shape& shape);
  void grow_shape_table();
  void add_latency(const RollupRow& row);

  std::int64_t unit_;
  ChunkInfo info_;
  std::int64_t first_bucket_ = 0;
  std::uint64_t last_key_ = 0;
  std::size_t bytes_ = 0;  // about
  std::array<chunk_format::ColumnWriter, chunk_format::columns> columns_;
  std::vector<chunk_format::Shape> shapes_;
  std::vector<std::uint32_t> shape_table_;  // index in shapes_ + 1; 0 is free
  std::uint32_t last_shape_ = 0;
};

// How much of each row a reader wants: what it does not want costs nothing.
enum class RowParts : std::uint8_t { requests, counts, all };

class ChunkReader {
 public:
  // Nothing when the bytes are not a chunk: another version, or damaged. They must outlive the reader.
  static std::optional<ChunkReader> open(std::string_view bytes);

  // Rows from the first that has at least this key. Only before the first next().
  void seek(std::uint64_t key);
  // The next row, with `parts` of it filled in; its latency lives until the next call. False at the end, and where the
  // bytes make no sense: then damaged() says so.
  template <RowParts parts>
  bool next(RollupRow& row);
  bool damaged() const { return !sound_; }
  std::uint64_t rows() const { return rows_; }

 private:
  ChunkReader() = default;
  bool read_header(std::string_view bytes);
  bool next_key(RollupRow& row);
  void read_counts(RollupRow& row);
  void read_latency(RollupRow& row);
  std::uint64_t value(chunk_format::Column column) { return columns_[column].next(sound_); }

  std::uint64_t rows_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t unit_ = 1;
  std::uint64_t last_key_ = 0;
  std::uint64_t first_bucket_ = 0;
  bool sound_ = true;
  bool key_is_read_ = false;  // by seek()
  std::array<chunk_format::ColumnReader, chunk_format::columns> columns_;
  std::string_view shapes_;
  std::vector<HistogramCount> latency_;
};

}  // namespace tollgate::core
