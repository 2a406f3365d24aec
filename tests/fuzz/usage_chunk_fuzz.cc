// Any bytes as a chunk of roll-ups whose checksum is right: reading stays within them, every way of reading finds the
// same rows, and rows that are in order are written and read again as they were.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/crc.h"
#include "core/usage/own_row_test.h"

namespace tollgate::core {
namespace {

struct Rows {
  std::vector<OwnRow> rows;
  bool sound = false;
};

template <RowParts parts>
Rows read(std::string_view bytes, std::uint64_t from_key) {
  Rows read;
  auto reader = ChunkReader::open(bytes);
  if (!reader) return read;
  if (from_key > 0) reader->seek(from_key);
  RollupRow row;
  while (reader->next<parts>(row)) {
    TG_ASSERT(row.key.key <= kKeyNumberMax);
    std::uint32_t next = 0;
    for (const HistogramCount& one : row.latency) {
      TG_ASSERT(one.place >= next && one.place < Histogram::kPlaces && one.count > 0);
      next = one.place + 1;
    }
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
  const Rows read_again = read<RowParts::all>(again.bytes, 0);
  TG_ASSERT(read_again.sound && read_again.rows == rows);
  TG_ASSERT(again.info.key_min == rows.front().key.key && again.info.key_max == rows.back().key.key);
}

void check(std::string_view bytes) {
  const Rows all = read<RowParts::all>(bytes, 0);
  const Rows requests = read<RowParts::requests>(bytes, 0);
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
  TG_ASSERT(read<RowParts::all>(bytes, key).rows == from_key);
}

}  // namespace
}  // namespace tollgate::core

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace core = tollgate::core;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  [[maybe_unused]] const auto as_it_is = core::ChunkReader::open(bytes);
  if (bytes.size() < core::chunk_format::kHeaderBytes) return 0;
  bytes[0] = static_cast<char>(core::chunk_format::kVersion);
  const std::uint32_t crc = tollgate::crc32c(std::string_view(bytes).substr(core::chunk_format::kHeaderBytes));
  for (std::size_t i = 0; i < 4; ++i) bytes[1 + i] = static_cast<char>(crc >> (8 * i));
  core::check(bytes);
  return 0;
}
