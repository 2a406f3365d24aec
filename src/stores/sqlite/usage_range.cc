#include "stores/sqlite/usage_range.h"

#include <algorithm>
#include <limits>

namespace tollgate::stores {
namespace {

void add_pieces(std::vector<RangePiece>& pieces, const RangePiece& range, std::size_t finest) {
  if (range.from >= range.to) return;
  if (range.level == finest) {
    pieces.push_back(range);
    return;
  }
  const std::size_t finer = range.level - 1;
  const std::int64_t first = next_bucket(range.from, range.level);
  const std::int64_t end = bucket_of(range.to, range.level);
  if (first >= end) return add_pieces(pieces, {.level = finer, .from = range.from, .to = range.to}, finest);
  add_pieces(pieces, {.level = finer, .from = range.from, .to = first}, finest);
  pieces.push_back({.level = range.level, .from = first, .to = end});
  add_pieces(pieces, {.level = finer, .from = end, .to = range.to}, finest);
}

}  // namespace

bool RowFilter::operator()(const core::RollupKey& row) const {
  return (!route || *route == row.route()) && (!tier || *tier == row.tier()) &&
         (!consumer || *consumer == row.consumer) && (!method || *method == row.method()) &&
         (!status_class || *status_class == row.status_class());
}

std::vector<RangePiece> pieces_of(const RollupRange& range) {
  std::vector<RangePiece> pieces;
  add_pieces(pieces, {.level = range.coarsest, .from = range.from, .to = range.to}, range.finest);
  return pieces;
}

WantedRows::WantedRows(const RangePiece& piece, const RowFilter& filter)
    : from_(piece.level == kEverLevel ? std::numeric_limits<std::int64_t>::min()
                                      : next_bucket(piece.from, piece.level)),
      to_(piece.level == kEverLevel ? std::numeric_limits<std::int64_t>::max() : next_bucket(piece.to, piece.level)),
      filters_nothing_(filter.is_empty()),
      filter_(filter) {}

std::span<const std::uint64_t> keys_within(std::span<const std::uint64_t> keys, const core::ChunkInfo& chunk) {
  const auto first = std::ranges::lower_bound(keys, chunk.key_min);
  const auto end = std::ranges::upper_bound(keys, chunk.key_max);
  return {first, std::max(first, end)};
}

}  // namespace tollgate::stores
