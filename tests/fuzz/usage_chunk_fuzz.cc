// Any bytes as a chunk of roll-ups whose checksums are right: reading stays within them, every way of reading finds the
// same rows, and rows that are in order are written and read again as they were.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "core/usage/chunk_bytes_test.h"
#include "core/usage/own_row_test.h"

namespace tollgate::core {
namespace {

struct Rows {
  std::vector<OwnRow> rows;
  bool sound = false;
};

void check_clients(const DistinctView& clients) {
  TG_ASSERT(clients.few.empty() || clients.registers.empty());
  TG_ASSERT(clients.few.size() <= kFewMax);
  TG_ASSERT(std::ranges::adjacent_find(clients.few, std::greater_equal()) == clients.few.end());
  for (const std::uint8_t rank : clients.registers) TG_ASSERT(rank <= kDistinctRankMax);
}

Rows read(std::string_view bytes, std::uint64_t from_key = 0, RowParts parts = kAllParts) {
  Rows read;
  auto reader = ChunkReader::open(bytes, parts);
  if (!reader) return read;
  if (from_key > 0) reader->seek(from_key);
  RollupRow row;
  while (reader->next(row)) {
    TG_ASSERT(row.key.key <= kEveryone);
    std::uint32_t next = 0;
    for (const HistogramCount& one : row.latency) {
      TG_ASSERT(one.place >= next && one.place < Histogram::kPlaces && one.count > 0);
      next = one.place + 1;
    }
    check_clients(row.clients);
    read.rows.push_back(own(row));
  }
  read.sound = !reader->damaged();
  TG_ASSERT(!read.sound || from_key > 0 || read.rows.size() == reader->rows());
  return read;
}

bool in_order(const std::vector<OwnRow>& rows) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (!(rows[i - 1].key < rows[i].key)) return false;
  }
  return !rows.empty();
}

void check_written_again(const std::vector<OwnRow>& rows) {
  ChunkWriter writer(Seconds(1));
  for (const OwnRow& row : rows) writer.add(row.row());
  const Chunk again = writer.take();
  const Rows read_again = read(again.bytes);
  TG_ASSERT(read_again.sound && read_again.rows == rows);
  TG_ASSERT(again.info.key_min == rows.front().key.key && again.info.key_max == rows.back().key.key);
}

void check(std::string_view bytes) {
  const Rows all = read(bytes);
  const Rows requests = read(bytes, 0, {});
  TG_ASSERT(!all.sound || requests.sound);
  for (std::size_t i = 0; i < all.rows.size(); ++i) {
    TG_ASSERT(requests.rows[i].key == all.rows[i].key);
    TG_ASSERT(requests.rows[i].counts.requests == all.rows[i].counts.requests);
  }
  if (!all.sound || !in_order(all.rows)) return;
  check_written_again(all.rows);
  const std::uint64_t key = all.rows[all.rows.size() / 2].key.key;
  std::vector<OwnRow> from_key = all.rows;
  std::erase_if(from_key, [&](const OwnRow& row) { return row.key.key < key; });
  TG_ASSERT(read(bytes, key).rows == from_key);
}

}  // namespace
}  // namespace tollgate::core

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace core = tollgate::core;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  [[maybe_unused]] const auto as_it_is = core::ChunkReader::open(bytes);
  core::check(core::with_right_checksums(std::move(bytes)));
  return 0;
}
