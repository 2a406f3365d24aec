// Which rows a question reads, and which of them it wants.
//
// Pure. Thread safety: values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/usage/chunk.h"
#include "stores/sqlite/usage_levels.h"

namespace tollgate::stores {

// Keys first … last.
struct KeyRange {
  std::uint64_t first = core::kEveryone;
  std::uint64_t last = core::kEveryone;
  static constexpr KeyRange only(std::uint64_t key) { return {.first = key, .last = key}; }
};
inline constexpr KeyRange kEachKey{.first = 0, .last = core::kKeyNumberMax};

// What is absent is not asked for.
struct RowFilter {
  std::optional<core::NameRef> route;  // 0: rows without one
  std::optional<core::NameRef> tier;
  std::optional<core::NameRef> consumer;
  std::optional<std::uint8_t> method;
  std::optional<std::uint8_t> status_class;
  bool operator()(const core::RollupKey& row) const;
  bool is_empty() const { return !route && !tier && !consumer && !method && !status_class; }
};

// Rows whose bucket at level `finest` has from ≤ bucket < to. Where it comes to the same, coarser rows are read
// instead, up to level `coarsest`. Of everyone, unless keys are named.
struct RollupRange {
  std::size_t finest = kMinuteLevel;
  std::size_t coarsest = kDayLevel;
  std::int64_t from = 0;
  std::int64_t to = 0;
  KeyRange keys = {};
  RowFilter filter = {};
};

// A part of a range that is read from one level, and from finer ones what is not folded into it yet.
struct RangePiece {
  std::size_t level = kMinuteLevel;
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool operator==(const RangePiece&) const = default;
};
std::vector<RangePiece> pieces_of(const RollupRange& range);

// Which rows belong to a piece of a range. They are judged as if they were folded into the piece's level already.
class WantedRows {
 public:
  WantedRows(const RangePiece& piece, const RowFilter& filter);
  bool operator()(const core::RollupKey& row) const {
    return row.bucket() >= from_ && row.bucket() < to_ && (filters_nothing_ || filter_(row));
  }

 private:
  // The piece's, where its level has a bucket that begins: what is within such a bucket is on the same side of both.
  std::int64_t from_;
  std::int64_t to_;
  bool filters_nothing_;
  RowFilter filter_;
};

// Of keys in ascending order, those that the chunk may have.
std::span<const std::uint64_t> keys_within(std::span<const std::uint64_t> keys, const core::ChunkInfo& chunk);

// Calls `visit(row)` for each row of these keys, which are in ascending order.
template <class Visit>
void each_row_of_keys(core::ChunkReader& reader, std::span<const std::uint64_t> keys, Visit&& visit) {
  core::RollupRow row;
  bool is_read = false;
  for (const std::uint64_t key : keys) {
    if (!is_read || row.key.key < key) {
      reader.seek(key);
      is_read = reader.next(row);
    }
    for (; is_read && row.key.key == key; is_read = reader.next(row)) visit(row);
  }
}

}  // namespace tollgate::stores
