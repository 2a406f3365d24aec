#include <bit>
#include <cstring>
#include <utility>

#include "base/crc.h"
#include "core/usage/chunk.h"
#include "core/usage/varint.h"
#include "core/usage/zigzag.h"

namespace tollgate::core {

using chunk_format::Column;
using chunk_format::ColumnReader;
using chunk_format::kHeaderBytes;
using chunk_format::kShapeBytes;

namespace {

// More rows than any writer puts into a chunk, and few enough that a count of them cannot mislead anybody.
constexpr std::uint64_t kRowsMax = 1u << 24;

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

}  // namespace

// The bytes after one that says that more follow.
std::uint64_t chunk_format::ColumnReader::rest_of(std::uint64_t value, bool& sound) {
  value &= 0x7f;
  for (unsigned shift = 7; shift < 64 && at_ != end_; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(*at_++);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  sound = false;
  return 0;
}

// Eight bytes at a time: a number ends with each byte whose top bit is clear.
void chunk_format::ColumnReader::skip(std::size_t count, bool& sound) {
  constexpr std::uint64_t kTopBits = 0x8080'8080'8080'8080;
  if (all_zeros_) return;
  while (count >= 8 && end_ - at_ >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at_, sizeof(word));
    count -= static_cast<std::size_t>(std::popcount(~word & kTopBits));
    at_ += 8;
  }
  // The eight may have ended within a number, whose rest is then skipped as one of its own.
  while (count > 0) {
    if (at_ == end_) {
      sound = false;
      return;
    }
    if (static_cast<std::uint8_t>(*at_++) < 0x80) --count;
  }
}

std::optional<ChunkReader> ChunkReader::open(std::string_view bytes) {
  ChunkReader reader;
  if (bytes.size() < kHeaderBytes || static_cast<std::uint8_t>(bytes[0]) != chunk_format::kVersion) return std::nullopt;
  if (u32_at(bytes, 1) != crc32c(bytes.substr(kHeaderBytes))) return std::nullopt;
  if (!reader.read_header(bytes.substr(kHeaderBytes))) return std::nullopt;
  return reader;
}

bool ChunkReader::read_header(std::string_view bytes) {
  const auto rows = take_varint(bytes);
  const auto unit = take_varint(bytes);
  const auto first_key = take_varint(bytes);
  const auto first_bucket = take_varint(bytes);
  const auto shapes = take_varint(bytes);
  if (!rows || !unit || !first_key || !first_bucket || !shapes) return false;
  if (*rows == 0 || *rows > kRowsMax || *unit == 0 || *first_key > kKeyNumberMax) return false;
  std::array<std::size_t, chunk_format::columns> lengths{};
  for (std::size_t& length : lengths) {
    const auto taken = take_varint(bytes);
    if (!taken || *taken > bytes.size()) return false;
    length = *taken;
  }
  if (*shapes > bytes.size() / kShapeBytes) return false;
  shapes_ = bytes.substr(0, *shapes * kShapeBytes);
  bytes.remove_prefix(shapes_.size());
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] > bytes.size()) return false;
    columns_[i] = ColumnReader(bytes.substr(0, lengths[i]));
    bytes.remove_prefix(lengths[i]);
  }
  rows_ = left_ = *rows;
  unit_ = *unit;
  last_key_ = *first_key;
  first_bucket_ = *first_bucket;
  return bytes.empty();
}

void ChunkReader::seek(std::uint64_t wanted) {
  std::size_t skipped = 0;
  while (left_ > 0 && sound_) {
    last_key_ += value(Column::key);
    if (last_key_ >= wanted) break;
    ++skipped;
    --left_;
  }
  key_is_read_ = left_ > 0;
  for (std::uint8_t column = Column::shape; column < Column::buckets; ++column) columns_[column].skip(skipped, sound_);
  for (; skipped > 0 && sound_; --skipped) {
    const std::uint64_t coded = value(Column::buckets);
    const std::uint64_t n = coded == 0 ? 1 : coded / 2;
    columns_[Column::places].skip(n, sound_);
    columns_[Column::place_counts].skip(coded % 2 == 1 ? n : n - 1, sound_);
  }
}

bool ChunkReader::next_key(RollupRow& row) {
  if (left_ == 0 || !sound_) return false;
  --left_;
  if (!std::exchange(key_is_read_, false)) last_key_ += value(Column::key);
  const std::uint64_t shape = value(Column::shape);
  if (shape >= shapes_.size() / kShapeBytes || last_key_ > kKeyNumberMax) {
    sound_ = false;
    return false;
  }
  const std::size_t at = shape * kShapeBytes;
  const std::uint64_t bucket = first_bucket_ + unzigzag(value(Column::bucket)) * unit_;
  row.key.key = last_key_;
  row.key.place = std::uint64_t{u32_at(shapes_, at)} << 32 | u32_at(shapes_, at + 4);
  row.key.rest = std::uint64_t{static_cast<std::uint8_t>(shapes_[at + 8])} << 56 |
                 std::uint64_t{static_cast<std::uint8_t>(shapes_[at + 9])} << 48 | (bucket & RollupKey::kBucketMask);
  row.counts.requests = value(Column::requests) + 1;
  return sound_;
}

void ChunkReader::read_counts(RollupRow& row) {
  RollupCounts& n = row.counts;
  n.allowed = n.requests - value(Column::allowed);
  n.rate_limited = value(Column::rate_limited);
  n.unauthorized = value(Column::unauthorized);
  n.errors = value(Column::errors);
  n.bytes_in = value(Column::bytes_in);
  n.bytes_out = value(Column::bytes_out);
  n.cost = n.requests + unzigzag(value(Column::cost));
  const std::uint64_t last = value(Column::last);
  const auto from = static_cast<std::uint64_t>(row.key.bucket()) * 1000;
  row.last_ms = last == 0 ? 0 : static_cast<std::int64_t>(from + unzigzag(last - 1));
}

void ChunkReader::read_latency(RollupRow& row) {
  const std::uint64_t coded = value(Column::buckets);
  const bool follows = coded % 2 == 0;
  const std::uint64_t n = coded == 0 ? 1 : coded / 2;
  latency_.clear();
  std::uint64_t next = 0;
  std::uint64_t left = row.counts.requests;
  for (std::uint64_t i = 0; i < n && sound_; ++i) {
    const std::uint64_t place = next + value(Column::places);
    const bool implied = follows && i + 1 == n;
    const std::uint64_t count = implied ? left : value(Column::place_counts) + 1;
    sound_ = sound_ && place >= next && place < Histogram::kPlaces && count > 0;
    latency_.push_back({static_cast<std::uint32_t>(place), count});
    next = place + 1;
    left -= count;
  }
  row.latency = latency_;
}

template <RowParts parts>
bool ChunkReader::next(RollupRow& row) {
  if (!next_key(row)) return false;
  if constexpr (parts != RowParts::requests) read_counts(row);
  if constexpr (parts == RowParts::all) read_latency(row);
  return sound_;
}

template bool ChunkReader::next<RowParts::requests>(RollupRow& row);
template bool ChunkReader::next<RowParts::counts>(RollupRow& row);
template bool ChunkReader::next<RowParts::all>(RollupRow& row);

}  // namespace tollgate::core
