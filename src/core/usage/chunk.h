// Chunks: many roll-up rows in one string of bytes, in ascending order of their keys, column by column, written once
// (their form: chunk_head.h). ~20 bytes a row where each row is one record.
//
// Thread safety: one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage/chunk_head.h"
#include "core/usage/chunk_section.h"
#include "core/usage/dictionary.h"
#include "core/usage/distinct.h"
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

class ChunkWriter {
 public:
  // Buckets are multiples of `unit` seconds.
  explicit ChunkWriter(Seconds unit) : unit_(unit.count()) {}

  // Rows in ascending order of key, at least one request each.
  void add(const RollupRow& row);
  bool empty() const { return info_.rows == 0; }
  // When a row with `next` as its key should begin a chunk of its own: there is no room, or so many rows of single keys
  // that those of kEveryone are better read without them.
  bool ends_before(std::uint64_t next) const {
    return full() || (next == kEveryone && info_.key_max != kEveryone && info_.rows >= kRowsBeforeEveryone);
  }
  // Not when empty. Starts over.
  Chunk take();

 private:
  static constexpr std::uint64_t kRowsBeforeEveryone = 1024;
  struct HashOf {
    static constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
    std::size_t operator()(const chunk_format::Shape& shape) const { return mixed(shape.place ^ (shape.upper * kOdd)); }
    std::size_t operator()(NameRef name) const { return mixed(name); }
    static std::size_t mixed(std::uint64_t value) { return (value * kOdd) ^ ((value * kOdd) >> 32); }
  };

  bool full() const { return info_.rows >= kChunkRowsMax || bytes_ >= kChunkBytesMax; }
  void start(const RollupRow& row);
  void add_counts(const RollupRow& row);
  void add_latency(const RollupRow& row);
  void add_clients(const DistinctView& clients);
  void add_few(std::span<const std::uint32_t> hashes);
  void write_dictionaries();
  chunk_format::SectionWriter& section(chunk_format::Section section) { return sections_[section]; }

  std::int64_t unit_;
  ChunkInfo info_;
  std::int64_t first_bucket_ = 0;
  std::uint64_t last_key_ = 0;
  std::size_t bytes_ = 0;  // about
  std::array<chunk_format::SectionWriter, chunk_format::sections> sections_;
  Dictionary<chunk_format::Shape, HashOf> shapes_;
  Dictionary<NameRef, HashOf> consumers_;
  Distinct last_clients_;
};

class ChunkReader {
 public:
  // Nothing when the bytes are not a chunk, or what these parts need of it is damaged. They must outlive the reader.
  // Beside the head only the bytes of ranges_of(parts) are looked at.
  static std::optional<ChunkReader> open(std::string_view bytes, RowParts parts = kAllParts);

  // Goes on to the first row from here on that has at least this key.
  void seek(std::uint64_t key);
  // The next row, with the parts asked for filled in; its latency and clients live until the next call. False at the
  // end, and where the bytes make no sense: then damaged() says so.
  bool next(RollupRow& row);
  bool damaged() const { return !sound_; }
  std::uint64_t rows() const { return rows_; }

 private:
  ChunkReader() = default;
  bool next_key(RollupRow& row);
  void read_consumer(RollupRow& row);
  void read_counts(RollupRow& row);
  void read_latency(RollupRow& row);
  void read_clients(RollupRow& row);
  void decode_clients(std::uint64_t coded);
  void skip_latencies(std::size_t rows);
  void skip_clients(std::size_t rows);
  std::uint64_t value(chunk_format::Section column) { return sections_[column].next(sound_); }

  RowParts parts_;
  std::uint64_t rows_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t unit_ = 1;
  std::uint64_t last_key_ = 0;
  std::uint64_t first_bucket_ = 0;
  bool sound_ = true;
  bool key_is_read_ = false;  // by seek()
  std::array<chunk_format::SectionReader, chunk_format::sections> sections_;
  std::string_view shapes_;
  std::string_view consumers_;
  std::vector<HistogramCount> latency_;
  std::vector<std::uint32_t> few_;
  std::vector<std::uint8_t> registers_;
};

}  // namespace tollgate::core
