#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/crc.h"
#include "core/usage/chunk.h"
#include "core/usage/registers_code.h"
#include "core/usage/zigzag.h"

namespace tollgate::core {

using chunk_format::Head;
using chunk_format::Section;

namespace {

constexpr std::uint64_t kShapeMask = ~RollupKey::kBucketMask;
constexpr std::size_t kRowBytes = 16;
constexpr std::size_t kBucketBytes = 3;
constexpr std::size_t kRegistersBytes = 2100;

std::string little_endian(std::uint64_t value, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

}  // namespace

void ChunkWriter::start(const RollupRow& row) {
  const std::int64_t bucket = row.key.bucket();
  info_ = {.bucket_min = bucket, .bucket_max = bucket, .key_min = row.key.key, .key_max = row.key.key, .rows = 0};
  first_bucket_ = bucket;
  last_key_ = row.key.key;
}

void ChunkWriter::add(const RollupRow& row) {
  if (empty()) start(row);
  const std::int64_t bucket = row.key.bucket();
  info_.bucket_min = std::min(info_.bucket_min, bucket);
  info_.bucket_max = std::max(info_.bucket_max, bucket);
  info_.key_max = row.key.key;
  ++info_.rows;

  section(Section::key).add(row.key.key - std::exchange(last_key_, row.key.key));
  section(Section::shape).add(shapes_.index_of({.place = row.key.place, .upper = row.key.rest & kShapeMask}));
  section(Section::consumer).add(row.key.consumer == 0 ? 0 : consumers_.index_of(row.key.consumer) + 1u);
  section(Section::bucket).add(zigzag(static_cast<std::uint64_t>((bucket - first_bucket_) / unit_)));
  add_counts(row);
  add_latency(row);
  add_clients(row.clients);
  bytes_ += kRowBytes + kBucketBytes * row.latency.size();
}

void ChunkWriter::add_counts(const RollupRow& row) {
  const RollupCounts& n = row.counts;
  section(Section::requests).add(n.requests - 1);
  section(Section::allowed).add(n.requests - n.allowed);
  section(Section::rate_limited).add(n.rate_limited);
  section(Section::unauthorized).add(n.unauthorized);
  section(Section::errors).add(n.errors);
  section(Section::bytes_in).add(n.bytes_in);
  section(Section::bytes_out).add(n.bytes_out);
  section(Section::cost).add(zigzag(n.cost - n.requests));
  const auto begin = static_cast<std::uint64_t>(row.key.bucket()) * 1000;
  const std::uint64_t after = static_cast<std::uint64_t>(row.last_ms) - begin;
  section(Section::last).add(row.last_ms == 0 ? 0 : zigzag(after) + 1);  // 0 is "not known"
}

// `buckets` is 2n + 1 for n of them with all their counts, 2n where the last count is what makes the sum equal to the
// row's requests, as it does in every row that was counted from records; and 0 for the most usual, 2.
void ChunkWriter::add_latency(const RollupRow& row) {
  std::uint64_t sum = 0;
  for (const HistogramCount& one : row.latency) sum += one.count;
  const std::size_t n = row.latency.size();
  const bool follows = n > 0 && sum == row.counts.requests;
  section(Section::buckets).add(follows && n == 1 ? 0 : 2 * n + (follows ? 0 : 1));
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const HistogramCount& one = row.latency[i];
    section(Section::places).add(one.place - next);
    next = one.place + 1;
    if (!follows || i + 1 < n) section(Section::place_counts).add(one.count - 1);
  }
}

// `clients` is 0 for those of the row before, as a key that is used from one address has them in all its rows; n + 1
// for n hashes; kFewMax + 2 for registers.
void ChunkWriter::add_clients(const DistinctView& clients) {
  const DistinctView last = last_clients_.view();
  if (std::ranges::equal(clients.few, last.few) && std::ranges::equal(clients.registers, last.registers)) {
    section(Section::clients).add(0);
    return;
  }
  last_clients_.assign(clients);
  if (clients.registers.empty()) {
    section(Section::clients).add(clients.few.size() + 1);
    add_few(clients.few);
    bytes_ += chunk_format::kWordBytes * clients.few.size();
    return;
  }
  section(Section::clients).add(kFewMax + 2);
  std::string bytes;
  append_registers(bytes, clients.registers);
  section(Section::client_registers).add_bytes(bytes);
  bytes_ += kRegistersBytes;
}

void ChunkWriter::add_few(std::span<const std::uint32_t> hashes) {
  if (hashes.empty()) return;
  section(Section::client_first).add_bytes(little_endian(hashes.front(), chunk_format::kWordBytes));
  for (std::size_t i = 1; i < hashes.size(); ++i) section(Section::client_gaps).add(hashes[i] - hashes[i - 1] - 1u);
}

void ChunkWriter::write_dictionaries() {
  for (const chunk_format::Shape& one : shapes_.values()) {
    section(Section::shapes).add_bytes(little_endian(one.place >> 32, 4));
    section(Section::shapes).add_bytes(little_endian(one.place, 4));
    section(Section::shapes).add_bytes(little_endian(one.upper >> 56, 1));
    section(Section::shapes).add_bytes(little_endian(one.upper >> 48, 1));
  }
  for (const NameRef consumer : consumers_.values()) {
    section(Section::consumers).add_bytes(little_endian(consumer, chunk_format::kWordBytes));
  }
  shapes_.clear();
  consumers_.clear();
}

Chunk ChunkWriter::take() {
  TG_ASSERT(!empty());
  write_dictionaries();
  Head head{.rows = info_.rows,
            .unit = static_cast<std::uint64_t>(unit_),
            .first_key = info_.key_min,
            .first_bucket = static_cast<std::uint64_t>(first_bucket_),
            .where = {}};
  std::size_t size = 0;
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const std::string_view bytes = sections_[i].bytes();
    head.where[i] = {.at = 0, .length = bytes.size(), .crc = bytes.empty() ? 0 : crc32c(bytes)};
    size += bytes.size();
  }
  Chunk chunk{.info = std::exchange(info_, {}), .bytes = Head::write(head)};
  chunk.bytes.reserve(chunk.bytes.size() + size);
  for (chunk_format::SectionWriter& section : sections_) {
    chunk.bytes += section.bytes();
    section.clear();
  }
  bytes_ = 0;
  last_clients_ = {};
  return chunk;
}

}  // namespace tollgate::core
