#include "core/usage/chunk.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/crc.h"
#include "core/usage/own_row_test.h"

namespace tollgate::core {
namespace {

// Small and large numbers alike.
std::uint64_t some_number() {
  return *rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange(0, 64);
}

OwnRow random_row() {
  OwnRow row;
  row.key = RollupKey::pack(
      {.bucket = 60 * *rc::gen::inRange<std::int64_t>(29'000'000, 29'000'060),
       .key = *rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, 5), rc::gen::inRange<std::uint64_t>(0, kKeyNumberMax)),
       .route = *rc::gen::inRange<NameRef>(0, 4),
       .tier = *rc::gen::arbitrary<NameRef>(),
       .method = *rc::gen::arbitrary<std::uint8_t>(),
       .status_class = *rc::gen::inRange<std::uint8_t>(0, 6)});
  row.counts = {.requests = std::max<std::uint64_t>(some_number() >> 8, 1),
                .allowed = some_number(),
                .rate_limited = some_number(),
                .unauthorized = some_number(),
                .errors = some_number(),
                .bytes_in = some_number(),
                .bytes_out = some_number(),
                .cost = some_number()};
  row.last_ms = *rc::gen::element<std::int64_t>(0, row.key.bucket() * 1000 + 59'999, 1);
  Histogram latency;
  const int values = *rc::gen::inRange(0, 5);
  for (int i = 0; i < values; ++i) latency.record(static_cast<std::uint32_t>(some_number()));
  if (*rc::gen::inRange(0, 3) > 0) row.counts.requests = std::max<std::uint64_t>(latency.count(), 1);
  row.latency.assign(latency.counts().begin(), latency.counts().end());
  return row;
}

std::vector<OwnRow> random_rows() {
  std::map<RollupKey, OwnRow> rows;
  const int count = *rc::gen::inRange(1, 40);
  for (int i = 0; i < count; ++i) {
    const OwnRow row = random_row();
    rows.emplace(row.key, row);
  }
  std::vector<OwnRow> in_order;
  for (const auto& [key, row] : rows) in_order.push_back(row);
  return in_order;
}

Chunk chunk_of(const std::vector<OwnRow>& rows) {
  ChunkWriter writer(Seconds(60));
  for (const OwnRow& row : rows) writer.add(row.row());
  return writer.take();
}

template <RowParts parts>
std::optional<std::vector<OwnRow>> rows_of(std::string_view bytes, std::uint64_t from_key = 0) {
  auto reader = ChunkReader::open(bytes);
  if (!reader) return std::nullopt;
  if (from_key > 0) reader->seek(from_key);
  std::vector<OwnRow> rows;
  RollupRow row;
  while (reader->next<parts>(row)) rows.push_back(own(row));
  if (reader->damaged()) return std::nullopt;
  return rows;
}

std::string with_right_checksum(std::string bytes) {
  const std::uint32_t crc = crc32c(std::string_view(bytes).substr(chunk_format::kHeaderBytes));
  for (std::size_t i = 0; i < 4; ++i) bytes[1 + i] = static_cast<char>(crc >> (8 * i));
  return bytes;
}

RC_GTEST_PROP(Chunk, GivesBackTheRowsThatWentIn, ()) {
  const auto rows = random_rows();
  const Chunk chunk = chunk_of(rows);
  RC_ASSERT(rows_of<RowParts::all>(chunk.bytes) == rows);

  RC_ASSERT(chunk.info.rows == rows.size());
  RC_ASSERT((chunk.info.key_min == rows.front().key.key && chunk.info.key_max == rows.back().key.key));
  const auto [least, most] = std::ranges::minmax(rows, {}, [](const OwnRow& row) { return row.key.bucket(); });
  RC_ASSERT((chunk.info.bucket_min == least.key.bucket() && chunk.info.bucket_max == most.key.bucket()));
}

RC_GTEST_PROP(Chunk, GivesPartsOfItsRowsWithoutTheOthers, ()) {
  const auto rows = random_rows();
  const Chunk chunk = chunk_of(rows);
  const auto counts = rows_of<RowParts::counts>(chunk.bytes);
  const auto requests = rows_of<RowParts::requests>(chunk.bytes);
  RC_ASSERT((counts && requests && counts->size() == rows.size() && requests->size() == rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    RC_ASSERT(((*counts)[i].key == rows[i].key && (*counts)[i].counts == rows[i].counts));
    RC_ASSERT(((*requests)[i].key == rows[i].key && (*requests)[i].counts.requests == rows[i].counts.requests));
  }
}

RC_GTEST_PROP(Chunk, FindsWhereAKeyBegins, ()) {
  auto rows = random_rows();
  const Chunk chunk = chunk_of(rows);
  const std::uint64_t there = rows[*rc::gen::inRange<std::size_t>(0, rows.size())].key.key;
  const std::uint64_t key = std::max<std::uint64_t>(there + *rc::gen::inRange<std::uint64_t>(0, 2), 1);
  std::erase_if(rows, [&](const OwnRow& row) { return row.key.key < key; });
  RC_ASSERT(rows_of<RowParts::all>(chunk.bytes, key) == rows);
}

RC_GTEST_PROP(Chunk, AWriterThatWasTakenFromStartsOver, ()) {
  const auto first = random_rows(), second = random_rows();
  ChunkWriter writer(Seconds(60));
  for (const auto* rows : {&first, &second, &first}) {
    for (const OwnRow& row : *rows) writer.add(row.row());
    RC_ASSERT(rows_of<RowParts::all>(writer.take().bytes) == *rows);
    RC_ASSERT(writer.empty());
  }
}

RC_GTEST_PROP(Chunk, IsRefusedWhenAnyBitIsFlippedOrItsEndIsMissing, ()) {
  const std::string bytes = chunk_of(random_rows()).bytes;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    RC_ASSERT(!ChunkReader::open(std::string_view(bytes).substr(0, length)));
  }
  std::string flipped = bytes;
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  flipped[at] = static_cast<char>(flipped[at] ^ (1 << *rc::gen::inRange(0, 8)));
  RC_ASSERT(!ChunkReader::open(flipped));
}

// Damage that a checksum happens to agree with may give wrong rows; it must not give wrong memory.
RC_GTEST_PROP(Chunk, WhateverItsBytesSayIsReadWithinThem, ()) {
  std::string bytes = chunk_of(random_rows()).bytes;
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(chunk_format::kHeaderBytes, bytes.size());
    bytes[at] = *rc::gen::arbitrary<char>();
  }
  bytes.resize(bytes.size() - *rc::gen::inRange<std::size_t>(0, 2));
  bytes = with_right_checksum(std::move(bytes));
  for (const auto& row : rows_of<RowParts::all>(bytes).value_or(std::vector<OwnRow>{})) {
    RC_ASSERT(row.key.key <= kKeyNumberMax);
    for (const HistogramCount& one : row.latency) RC_ASSERT(one.place < Histogram::kPlaces);
  }
  [[maybe_unused]] const auto sought =
      rows_of<RowParts::all>(bytes, *rc::gen::inRange<std::uint64_t>(1, kKeyNumberMax));
}

TEST(Chunk, IsSmallWhereEachRowIsOneRequest) {
  ChunkWriter writer(Seconds(1));
  for (std::uint64_t i = 0; i < 4096; ++i) {
    const HistogramCount one{static_cast<std::uint32_t>(300 + i % 50), 1};
    writer.add({.key = RollupKey::pack({.bucket = 1'790'000'000, .key = 1 + i * (kKeyNumberMax / 4096), .route = 77}),
                .counts = {.requests = 1, .allowed = 1, .bytes_out = 5000, .cost = 1},
                .last_ms = 1'790'000'000'000 + static_cast<std::int64_t>(i % 1000),
                .latency = {&one, 1}});
  }
  EXPECT_LE(writer.take().bytes.size(), 4096u * 16);
}

}  // namespace
}  // namespace tollgate::core
