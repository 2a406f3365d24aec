#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/crc.h"
#include "core/usage/chunk.h"
#include "core/usage/varint.h"
#include "core/usage/zigzag.h"

namespace tollgate::core {

using chunk_format::Column;
using chunk_format::ColumnWriter;
using chunk_format::kHeaderBytes;
using chunk_format::kShapeBytes;
using chunk_format::Shape;

namespace {

constexpr std::size_t kVarintBytesMax = 10;
constexpr std::uint64_t kShapeMask = ~RollupKey::kBucketMask;

std::size_t hash_of(const Shape& shape) {
  constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  const std::uint64_t hash = (shape.place ^ (shape.upper * kOdd)) * kOdd;
  return hash ^ (hash >> 32);
}

void append_little_endian(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

}  // namespace

void chunk_format::ColumnWriter::append(std::uint64_t value) {
  const std::size_t most = size_ + leading_zeros_ + kVarintBytesMax;
  if (bytes_.size() < most) bytes_.resize(std::max({most, std::size_t{256}, 2 * bytes_.size()}));
  if (leading_zeros_ > 0) {
    std::memset(bytes_.data(), 0, leading_zeros_);
    size_ = std::exchange(leading_zeros_, 0);
  }
  char* at = bytes_.data() + size_;
  while (value >= 0x80) {
    *at++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *at++ = static_cast<char>(value);
  size_ = static_cast<std::size_t>(at - bytes_.data());
}

void ChunkWriter::add(const RollupRow& row) {
  const std::int64_t bucket = row.key.bucket();
  if (empty()) {
    info_ = {.bucket_min = bucket, .bucket_max = bucket, .key_min = row.key.key, .key_max = row.key.key, .rows = 0};
    first_bucket_ = bucket;
    last_key_ = row.key.key;
  }
  info_.bucket_min = std::min(info_.bucket_min, bucket);
  info_.bucket_max = std::max(info_.bucket_max, bucket);
  info_.key_max = row.key.key;
  ++info_.rows;

  const RollupCounts& n = row.counts;
  columns_[Column::key].add(row.key.key - std::exchange(last_key_, row.key.key));
  columns_[Column::shape].add(shape_index({.place = row.key.place, .upper = row.key.rest & kShapeMask}));
  columns_[Column::bucket].add(zigzag(static_cast<std::uint64_t>((bucket - first_bucket_) / unit_)));
  columns_[Column::requests].add(n.requests - 1);
  columns_[Column::allowed].add(n.requests - n.allowed);
  columns_[Column::rate_limited].add(n.rate_limited);
  columns_[Column::unauthorized].add(n.unauthorized);
  columns_[Column::errors].add(n.errors);
  columns_[Column::bytes_in].add(n.bytes_in);
  columns_[Column::bytes_out].add(n.bytes_out);
  columns_[Column::cost].add(zigzag(n.cost - n.requests));
  const std::uint64_t after = static_cast<std::uint64_t>(row.last_ms) - static_cast<std::uint64_t>(bucket) * 1000;
  columns_[Column::last].add(row.last_ms == 0 ? 0 : zigzag(after) + 1);  // 0 is "not known"
  add_latency(row);
  bytes_ += 16 + 3 * row.latency.size();
}

// `buckets` is 2n + 1 for n of them with all their counts, 2n where the last count is what makes the sum equal to the
// row's requests, as it does in every row that was counted from records; and 0 for the most usual, 2.
void ChunkWriter::add_latency(const RollupRow& row) {
  std::uint64_t sum = 0;
  for (const HistogramCount& one : row.latency) sum += one.count;
  const std::size_t n = row.latency.size();
  const bool follows = n > 0 && sum == row.counts.requests;
  columns_[Column::buckets].add(follows && n == 1 ? 0 : 2 * n + (follows ? 0 : 1));
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const HistogramCount& one = row.latency[i];
    columns_[Column::places].add(one.place - next);
    next = one.place + 1;
    if (!follows || i + 1 < n) columns_[Column::place_counts].add(one.count - 1);
  }
}

std::uint32_t ChunkWriter::shape_index(const Shape& shape) {
  if (last_shape_ < shapes_.size() && shapes_[last_shape_] == shape) return last_shape_;
  if (shapes_.size() * 2 >= shape_table_.size()) grow_shape_table();
  const std::size_t mask = shape_table_.size() - 1;
  std::size_t at = hash_of(shape) & mask;
  while (shape_table_[at] != 0 && shapes_[shape_table_[at] - 1] != shape) at = (at + 1) & mask;
  if (shape_table_[at] == 0) {
    shapes_.push_back(shape);
    bytes_ += kShapeBytes;
    shape_table_[at] = static_cast<std::uint32_t>(shapes_.size());
  }
  return last_shape_ = shape_table_[at] - 1;
}

void ChunkWriter::grow_shape_table() {
  shape_table_.assign(shape_table_.empty() ? 64 : shape_table_.size() * 2, 0);
  const std::size_t mask = shape_table_.size() - 1;
  for (std::uint32_t i = 0; i < shapes_.size(); ++i) {
    std::size_t at = hash_of(shapes_[i]) & mask;
    while (shape_table_[at] != 0) at = (at + 1) & mask;
    shape_table_[at] = i + 1;
  }
}

Chunk ChunkWriter::take() {
  TG_ASSERT(!empty());
  Chunk chunk{.info = info_, .bytes = {}};
  std::string& out = chunk.bytes;
  out.reserve(bytes_ + 256);
  out.assign(kHeaderBytes, '\0');
  append_varint(out, info_.rows);
  append_varint(out, static_cast<std::uint64_t>(unit_));
  append_varint(out, info_.key_min);
  append_varint(out, static_cast<std::uint64_t>(first_bucket_));
  append_varint(out, shapes_.size());
  for (const ColumnWriter& column : columns_) append_varint(out, column.bytes().size());
  for (const Shape& one : shapes_) {
    append_little_endian(out, one.place >> 32, 4);
    append_little_endian(out, one.place, 4);
    append_little_endian(out, one.upper >> 56, 1);
    append_little_endian(out, one.upper >> 48, 1);
  }
  for (ColumnWriter& column : columns_) {
    out += column.bytes();
    column.clear();
  }
  out[0] = static_cast<char>(chunk_format::kVersion);
  const std::uint32_t crc = crc32c(std::string_view(out).substr(kHeaderBytes));
  for (std::size_t i = 0; i < 4; ++i) out[1 + i] = static_cast<char>(crc >> (8 * i));

  info_ = {};
  bytes_ = 0;
  shapes_.clear();
  std::ranges::fill(shape_table_, 0);
  return chunk;
}

}  // namespace tollgate::core
