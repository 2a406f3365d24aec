#include "core/usage/chunk.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "core/usage/chunk_bytes_test.h"
#include "core/usage/own_row_test.h"

namespace tollgate::core {
namespace {

// Small and large numbers alike.
std::uint64_t some_number() {
  return *rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange(0, 64);
}

// None, few or many, and often the same ones.
Distinct random_clients() {
  Distinct clients;
  const std::uint32_t count = *rc::gen::element<std::uint32_t>(0, 1, 1, 2, 40, kFewMax, kFewMax + 1, 20'000);
  const std::uint32_t first = *rc::gen::inRange<std::uint32_t>(0, 2);
  for (std::uint32_t i = first; i < first + count; ++i) clients.add(i * 0x9e37'79b1u);
  return clients;
}

OwnRow random_row() {
  OwnRow row;
  row.key = RollupKey::pack(
      {.bucket = 60 * *rc::gen::inRange<std::int64_t>(29'000'000, 29'000'060),
       .key = *rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, 5), rc::gen::inRange<std::uint64_t>(0, kKeyNumberMax),
                              rc::gen::just(kEveryone)),
       .consumer = *rc::gen::element<NameRef>(0, 0, 7, 0xffff'ffff),
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
  row.clients = random_clients();
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

std::optional<std::vector<OwnRow>> rows_of(std::string_view bytes, RowParts parts = kAllParts,
                                           std::uint64_t from_key = 0) {
  auto reader = ChunkReader::open(bytes, parts);
  if (!reader) return std::nullopt;
  if (from_key > 0) reader->seek(from_key);
  std::vector<OwnRow> rows;
  RollupRow row;
  while (reader->next(row)) rows.push_back(own(row));
  if (reader->damaged()) return std::nullopt;
  return rows;
}

RC_GTEST_PROP(Chunk, GivesBackTheRowsThatWentIn, ()) {
  const auto rows = random_rows();
  const Chunk chunk = chunk_of(rows);
  RC_ASSERT(rows_of(chunk.bytes) == rows);

  RC_ASSERT(chunk.info.rows == rows.size());
  RC_ASSERT((chunk.info.key_min == rows.front().key.key && chunk.info.key_max == rows.back().key.key));
  const auto [least, most] = std::ranges::minmax(rows, {}, [](const OwnRow& row) { return row.key.bucket(); });
  RC_ASSERT((chunk.info.bucket_min == least.key.bucket() && chunk.info.bucket_max == most.key.bucket()));
}

RowParts random_parts() {
  return {.counts = *rc::gen::arbitrary<bool>(),
          .latency = *rc::gen::arbitrary<bool>(),
          .clients = *rc::gen::arbitrary<bool>()};
}

// Only these parts of a row.
OwnRow parts_of(OwnRow row, RowParts parts) {
  if (!parts.counts) {
    row.counts = {.requests = row.counts.requests};
    row.last_ms = 0;
  }
  if (!parts.latency) row.latency.clear();
  if (!parts.clients) row.clients = {};
  return row;
}

RC_GTEST_PROP(Chunk, GivesPartsOfItsRowsFromTheirBytesAlone, ()) {
  auto rows = random_rows();
  const std::string bytes = chunk_of(rows).bytes;
  const RowParts parts = random_parts();
  const auto head = chunk_format::Head::parse(bytes, bytes.size());
  RC_ASSERT(head.has_value());
  std::string some(bytes.size(), '\xaa');
  const std::size_t beginning = std::min(chunk_format::kHeadBytesMax, head->where.front().at);
  some.replace(0, beginning, bytes, 0, beginning);
  for (const auto& [from, to] : ranges_of(*head, parts)) some.replace(from, to - from, bytes, from, to - from);

  const std::uint64_t key = *rc::gen::element<std::uint64_t>(0, rows[rows.size() / 2].key.key, kEveryone);
  std::erase_if(rows, [&](const OwnRow& row) { return row.key.key < key; });
  for (OwnRow& row : rows) row = parts_of(std::move(row), parts);
  RC_ASSERT(rows_of(some, parts, key) == rows);
}

RC_GTEST_PROP(Chunk, FindsWhereAKeyBegins, ()) {
  auto rows = random_rows();
  const Chunk chunk = chunk_of(rows);
  const std::uint64_t there = rows[*rc::gen::inRange<std::size_t>(0, rows.size())].key.key;
  const std::uint64_t key = std::max<std::uint64_t>(there + *rc::gen::inRange<std::uint64_t>(0, 2), 1);
  std::erase_if(rows, [&](const OwnRow& row) { return row.key.key < key; });
  RC_ASSERT(rows_of(chunk.bytes, kAllParts, key) == rows);
}

RC_GTEST_PROP(Chunk, FindsSeveralKeysOneAfterTheOther, ()) {
  const auto rows = random_rows();
  const Chunk chunk = chunk_of(rows);
  const RowParts parts = random_parts();
  auto reader = ChunkReader::open(chunk.bytes, parts);
  RollupRow row;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    if (*rc::gen::inRange(0, 2) == 0) {
      const std::uint64_t key = rows[at].key.key + *rc::gen::inRange<std::uint64_t>(0, 2);
      reader->seek(key);
      while (at < rows.size() && rows[at].key.key < key) ++at;
      if (at == rows.size()) break;
    }
    RC_ASSERT((reader->next(row) && own(row) == parts_of(rows[at], parts)));
  }
  RC_ASSERT((!reader->next(row) && !reader->damaged()));
}

RC_GTEST_PROP(Chunk, AWriterThatWasTakenFromStartsOver, ()) {
  const auto first = random_rows(), second = random_rows();
  ChunkWriter writer(Seconds(60));
  for (const auto* rows : {&first, &second, &first}) {
    for (const OwnRow& row : *rows) writer.add(row.row());
    RC_ASSERT(rows_of(writer.take().bytes) == *rows);
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

std::string from_hex(std::string_view digits) {
  const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  std::string bytes;
  for (; !digits.empty(); digits.remove_prefix(2)) {
    bytes.push_back(static_cast<char>(value(digits[0]) << 4 | value(digits[1])));
  }
  return bytes;
}

// What version 1 wrote, of four rows.
TEST(Chunk, OfTheFirstVersionIsReadAsRowsWithoutConsumerAndClients) {
  const std::string bytes = from_hex(
      "01504a7011043c008096d9bd06030c040404040404040905050904080344332211000000000900efbeadde07000000000201000000020000"
      "000305000500fb87ac96b9caf2d20b00010102000204010000090301000300000003000100000000000104000a8080808080200000882"
      "74d0001000bb83e00a513bfa907f1990701000603ac0200a102de0511010400");
  const std::vector<OwnRow> rows{
      {.key = RollupKey::pack({.bucket = 1'740'000'000, .route = 0x1122'3344, .method = 9}),
       .counts = {.requests = 1, .unauthorized = 1}},
      {.key = RollupKey::pack({.bucket = 1'740'000'060, .key = 5, .route = 0xdead'beef, .tier = 7, .status_class = 2}),
       .counts = {.requests = 1, .allowed = 1, .bytes_in = 10, .bytes_out = 5000, .cost = 1},
       .last_ms = 1'740'000'061'234,
       .latency = {{300, 1}}},
      {.key = RollupKey::pack({.bucket = 1'740'000'120, .key = 5, .route = 0xdead'beef, .tier = 7, .status_class = 2}),
       .counts = {.requests = 10,
                  .allowed = 7,
                  .rate_limited = 3,
                  .errors = 1,
                  .bytes_in = 1ull << 40,
                  .bytes_out = 77,
                  .cost = 4},
       .last_ms = 1'740'000'179'999,
       .latency = {{0, 2}, {290, 5}, {1025, 3}}},
      {.key = RollupKey::pack(
           {.bucket = 1'739'999'940, .key = kKeyNumberMax, .route = 1, .tier = 2, .method = 3, .status_class = 5}),
       .counts = {.requests = 4, .allowed = 4, .errors = 4, .cost = 4000},
       .last_ms = 1'739'999'999'000,
       .latency = {{17, 1}}}};
  EXPECT_EQ(rows_of(bytes), rows);
  EXPECT_EQ(rows_of(bytes, kAllParts, 6), (std::vector{rows.back()}));
  std::string flipped = bytes;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  EXPECT_FALSE(ChunkReader::open(flipped, {}));
}

// Damage that a checksum happens to agree with may give wrong rows; it must not give wrong memory.
RC_GTEST_PROP(Chunk, WhateverItsBytesSayIsReadWithinThem, ()) {
  std::string bytes = chunk_of(random_rows()).bytes;
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(chunk_format::kPrefixBytes, bytes.size());
    bytes[at] = *rc::gen::arbitrary<char>();
  }
  bytes.resize(bytes.size() - *rc::gen::inRange<std::size_t>(0, 2));
  bytes = with_right_checksums(std::move(bytes));
  for (const auto& row : rows_of(bytes).value_or(std::vector<OwnRow>{})) {
    RC_ASSERT(row.key.key <= kEveryone);
    for (const HistogramCount& one : row.latency) RC_ASSERT(one.place < Histogram::kPlaces);
    for (const std::uint8_t rank : row.clients.view().registers) RC_ASSERT(rank <= kDistinctRankMax);
  }
  [[maybe_unused]] const auto sought = rows_of(bytes, kAllParts, *rc::gen::inRange<std::uint64_t>(1, kEveryone));
}

// Of one second, as many keys as rows, each with its own client or all with one, and consumers or none.
double bytes_a_row(std::uint32_t clients, std::uint32_t consumers) {
  constexpr std::uint32_t kRows = 4096;
  ChunkWriter writer(Seconds(1));
  for (std::uint32_t i = 0; i < kRows; ++i) {
    const HistogramCount one{300 + i % 50, 1};
    const std::uint32_t client = i % std::max(clients, 1u) * 0x9e37'79b1u;
    RollupRow row{.key = RollupKey::pack({.bucket = 1'790'000'000,
                                          .key = 1 + i * (kKeyNumberMax / kRows),
                                          .consumer = consumers == 0 ? 0 : 1 + i % consumers * 0x9e37'79b1u,
                                          .route = 77}),
                  .counts = {.requests = 1, .allowed = 1, .bytes_out = 5000, .cost = 1},
                  .last_ms = 1'790'000'000'000 + i % 1000,
                  .latency = {&one, 1},
                  .clients = {}};
    if (clients > 0) row.clients.few = {&client, 1};
    writer.add(row);
  }
  return static_cast<double>(writer.take().bytes.size()) / kRows;
}

TEST(Chunk, IsSmallWhereEachRowIsOneRequest) {
  const double alone = bytes_a_row(0, 0);
  EXPECT_LE(alone, 14);
  EXPECT_LE(bytes_a_row(1, 0), alone + 1.1) << "the client of the row before is one byte";
  EXPECT_LE(bytes_a_row(4096, 0), alone + 5.1);
  EXPECT_LE(bytes_a_row(0, 100), alone + 1.2);
}

}  // namespace
}  // namespace tollgate::core
