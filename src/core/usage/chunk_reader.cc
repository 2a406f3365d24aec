#include <cstring>
#include <utility>

#include "core/usage/chunk.h"
#include "core/usage/registers_code.h"
#include "core/usage/zigzag.h"

namespace tollgate::core {

using chunk_format::Head;
using chunk_format::kShapeBytes;
using chunk_format::kWordBytes;
using chunk_format::Section;
using chunk_format::SectionReader;

namespace {

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

}  // namespace

std::optional<ChunkReader> ChunkReader::open(std::string_view bytes, RowParts parts) {
  const auto head = Head::parse(bytes, bytes.size());
  if (!head || !is_sound(*head, bytes, parts)) return std::nullopt;
  ChunkReader reader;
  const auto bytes_of = [&](Section section) {
    return bytes.substr(head->where[section].at, head->where[section].length);
  };
  for (std::uint8_t i = 0; i < Section::sections; ++i) {
    reader.sections_[i] = SectionReader(bytes_of(static_cast<Section>(i)));
  }
  reader.shapes_ = bytes_of(Section::shapes);
  reader.consumers_ = bytes_of(Section::consumers);
  reader.parts_ = parts;
  reader.rows_ = reader.left_ = head->rows;
  reader.unit_ = head->unit;
  reader.last_key_ = head->first_key;
  reader.first_bucket_ = head->first_bucket;
  return reader;
}

void ChunkReader::seek(std::uint64_t wanted) {
  std::size_t skipped = 0;
  while (left_ > 0 && sound_) {
    if (!std::exchange(key_is_read_, false)) last_key_ += value(Section::key);
    if (last_key_ >= wanted) break;
    ++skipped;
    --left_;
  }
  key_is_read_ = left_ > 0;
  const std::uint8_t end = parts_.counts ? Section::buckets : Section::allowed;
  for (std::uint8_t column = Section::shape; column < end; ++column) sections_[column].skip(skipped, sound_);
  if (parts_.latency) skip_latencies(skipped);
  if (parts_.clients) skip_clients(skipped);
}

void ChunkReader::skip_latencies(std::size_t rows) {
  for (; rows > 0 && sound_; --rows) {
    const std::uint64_t coded = value(Section::buckets);
    const std::uint64_t n = coded == 0 ? 1 : coded / 2;
    sections_[Section::places].skip(n, sound_);
    sections_[Section::place_counts].skip(coded % 2 == 1 ? n : n - 1, sound_);
  }
}

// The last clients that are skipped are those of the next row, if it says no others.
void ChunkReader::skip_clients(std::size_t rows) {
  for (; rows > 0 && sound_; --rows) {
    if (const std::uint64_t coded = value(Section::clients); coded != 0) decode_clients(coded);
  }
}

bool ChunkReader::next_key(RollupRow& row) {
  if (left_ == 0 || !sound_) return false;
  --left_;
  if (!std::exchange(key_is_read_, false)) last_key_ += value(Section::key);
  const std::uint64_t shape = value(Section::shape);
  if (shape >= shapes_.size() / kShapeBytes || last_key_ > kEveryone) {
    sound_ = false;
    return false;
  }
  const std::size_t at = shape * kShapeBytes;
  row.key.key = last_key_;
  read_consumer(row);
  const std::uint64_t bucket = first_bucket_ + unzigzag(value(Section::bucket)) * unit_;
  row.key.place = std::uint64_t{u32_at(shapes_, at)} << 32 | u32_at(shapes_, at + 4);
  row.key.rest = std::uint64_t{static_cast<std::uint8_t>(shapes_[at + 8])} << 56 |
                 std::uint64_t{static_cast<std::uint8_t>(shapes_[at + 9])} << 48 | (bucket & RollupKey::kBucketMask);
  row.counts.requests = value(Section::requests) + 1;
  return sound_;
}

void ChunkReader::read_consumer(RollupRow& row) {
  const std::uint64_t coded = value(Section::consumer);
  sound_ = sound_ && coded <= consumers_.size() / kWordBytes;
  row.key.consumer = coded == 0 || !sound_ ? 0 : u32_at(consumers_, (coded - 1) * kWordBytes);
}

void ChunkReader::read_counts(RollupRow& row) {
  RollupCounts& n = row.counts;
  n.allowed = n.requests - value(Section::allowed);
  n.rate_limited = value(Section::rate_limited);
  n.unauthorized = value(Section::unauthorized);
  n.errors = value(Section::errors);
  n.bytes_in = value(Section::bytes_in);
  n.bytes_out = value(Section::bytes_out);
  n.cost = n.requests + unzigzag(value(Section::cost));
  const std::uint64_t last = value(Section::last);
  const auto from = static_cast<std::uint64_t>(row.key.bucket()) * 1000;
  row.last_ms = last == 0 ? 0 : static_cast<std::int64_t>(from + unzigzag(last - 1));
}

void ChunkReader::read_latency(RollupRow& row) {
  const std::uint64_t coded = value(Section::buckets);
  const bool follows = coded % 2 == 0;
  const std::uint64_t n = coded == 0 ? 1 : coded / 2;
  latency_.clear();
  std::uint64_t next = 0;
  std::uint64_t left = row.counts.requests;
  for (std::uint64_t i = 0; i < n && sound_; ++i) {
    const std::uint64_t place = next + value(Section::places);
    const bool implied = follows && i + 1 == n;
    const std::uint64_t count = implied ? left : value(Section::place_counts) + 1;
    sound_ = sound_ && place >= next && place < Histogram::kPlaces && count > 0;
    latency_.push_back({static_cast<std::uint32_t>(place), count});
    next = place + 1;
    left -= count;
  }
  row.latency = latency_;
}

void ChunkReader::read_clients(RollupRow& row) {
  if (const std::uint64_t coded = value(Section::clients); coded != 0) decode_clients(coded);
  row.clients = {.few = few_, .registers = registers_};
}

void ChunkReader::decode_clients(std::uint64_t coded) {
  few_.clear();
  registers_.clear();
  if (coded == kFewMax + 2) {
    registers_.resize(kDistinctRegisters);
    SectionReader& from = sections_[Section::client_registers];
    const std::string_view head = from.take_bytes(kRegistersHeadBytes, sound_);
    if (!sound_) return;
    const std::string_view tail = from.take_bytes(registers_tail_bytes(head), sound_);
    sound_ = sound_ && read_registers(registers_, head, tail);
    return;
  }
  sound_ = sound_ && coded <= kFewMax + 1;
  if (!sound_ || coded == 1) return;
  const std::string_view first = sections_[Section::client_first].take_bytes(kWordBytes, sound_);
  std::uint64_t hash = sound_ ? u32_at(first, 0) : 0;
  few_.push_back(static_cast<std::uint32_t>(hash));
  for (std::uint64_t i = 2; i < coded && sound_; ++i) {
    hash += value(Section::client_gaps) + 1;
    sound_ = sound_ && hash > few_.back() && hash <= std::numeric_limits<std::uint32_t>::max();
    few_.push_back(static_cast<std::uint32_t>(hash));
  }
}

bool ChunkReader::next(RollupRow& row) {
  if (!next_key(row)) return false;
  if (parts_.counts) read_counts(row);
  if (parts_.latency) read_latency(row);
  if (parts_.clients) read_clients(row);
  return sound_;
}

}  // namespace tollgate::core
