// Any bytes as what the request log keeps in files and takes from callers. The first byte says as which. Reading stays
// within the bytes, and what is accepted is written again as it was, or reads again the same.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "core/usage/block_parts_test.h"
#include "core/usage/packed_rows.h"
#include "core/usage/record_block.h"
#include "stores/archive/archive_frames.h"
#include "stores/archive/packed_block.h"
#include "stores/archive/request_cursor.h"
#include "stores/archive/sealed_file.h"
#include "stores/archive/sealed_footer.h"
#include "stores/archive/term_index.h"

namespace tollgate::stores {
namespace {

using core::LoggedRecord;

bool same(const LoggedRecord& a, const LoggedRecord& b) {
  return a.ring_id == b.ring_id && std::memcmp(&a.record, &b.record, sizeof(a.record)) == 0;
}

std::vector<LoggedRecord> read_all(core::RecordBlockReader& reader) {
  std::vector<std::uint32_t> rows;
  std::vector<LoggedRecord> records;
  const bool sound = reader.select_all(rows) && reader.read(rows, records);
  return sound ? records : std::vector<LoggedRecord>();
}

// What was read is what selecting finds, and what is read again once it is written anew.
void check_block(core::RecordBlockReader& reader) {
  const std::vector<LoggedRecord> records = read_all(reader);
  if (records.empty()) return;
  TG_ASSERT(records.size() == reader.records());
  const core::DecisionRecord& some = records[records.size() / 2].record;
  std::vector<std::uint32_t> rows;
  const core::RecordFilter filter{.key = some.key, .status = some.status};
  TG_ASSERT(reader.select(filter, rows));
  const auto matches = [&](const LoggedRecord& one) { return filter.matches(one.record); };
  TG_ASSERT(rows.size() == static_cast<std::size_t>(std::ranges::count_if(records, matches)));
  TG_ASSERT(reader.select_id(some.request_id, rows) && !rows.empty());

  const core::RecordBlock again = core::encode_block(records);
  core::OwnParts parts(again.parts);
  auto again_reader = core::RecordBlockReader::open(again.head, parts);
  TG_ASSERT(again_reader.has_value());
  TG_ASSERT(std::ranges::equal(read_all(*again_reader), records, same));
}

// A head, and what follows as its parts, over and over.
class AnyParts final : public core::BlockParts {
 public:
  explicit AnyParts(std::string_view bytes) : bytes_(bytes) {}
  bool read(std::size_t part, std::span<char> into) override {
    if (bytes_.empty()) return false;
    for (std::size_t i = 0; i < into.size(); ++i) into[i] = bytes_[(part * 7 + i) % bytes_.size()];
    return true;
  }

 private:
  std::string_view bytes_;
};

void check_head_and_parts(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t head = std::min<std::size_t>(static_cast<std::uint8_t>(bytes.front()), bytes.size() - 1);
  AnyParts parts(bytes.substr(1 + head));
  if (auto reader = core::RecordBlockReader::open(bytes.substr(1, head), parts)) check_block(*reader);
}

void check_packed_block(std::string_view bytes) {
  LoadedBlock block;
  if (block.load(bytes)) check_block(block.reader());
}

void check_rows(std::string_view bytes) {
  std::vector<core::LoggedRecord> rows;
  std::string_view left = bytes;
  if (!core::take_rows(left, rows)) {
    TG_ASSERT(left == bytes && rows.empty());
    return;
  }
  std::vector<core::DecisionRecord> records;
  for (const core::LoggedRecord& row : rows) records.push_back(row.record);
  std::string packed;
  core::append_rows(packed, rows.front().ring_id, records);
  TG_ASSERT(packed.size() <= bytes.size() - left.size());  // who wrote it may have told what need not be told
  std::vector<core::LoggedRecord> again;
  std::string_view packed_left = packed;
  TG_ASSERT(core::take_rows(packed_left, again) && packed_left.empty() && again.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    TG_ASSERT(again[i].ring_id == rows[i].ring_id);
    TG_ASSERT(std::memcmp(&again[i].record, &rows[i].record, sizeof(core::DecisionRecord)) == 0);
  }
}

void check_footer(std::string_view bytes) {
  const auto footer = decode_footer(bytes);
  if (footer) TG_ASSERT(decode_footer(encode_footer(*footer)) == footer);
  [[maybe_unused]] const auto trailer = read_trailer(bytes);
}

void check_index_page(std::string_view bytes) {
  for (const TermHash term : {0u, 17u, 1u << 31, ~0u}) {
    for (const std::size_t pages : {1u, 2u, 1u << 20}) {
      [[maybe_unused]] const auto found = find_term(bytes, term_page(term, pages), pages, term);
    }
  }
}

// Every byte is part of one sound frame or of one damaged place, in order.
void check_frames(std::string_view bytes) {
  ArchiveFrames frames(bytes, 0);
  std::size_t at = 0;
  while (const auto item = frames.next()) {
    if (item->has_value()) {
      std::string again;
      append_archive_frame(again, (*item)->type, (*item)->payload);
      TG_ASSERT(again == (*item)->whole && bytes.substr(at, again.size()) == again);
    } else {
      TG_ASSERT(item->error().offset == at && item->error().bytes > 0);
    }
    TG_ASSERT(frames.offset() > at);
    at = frames.offset();
  }
  TG_ASSERT(at == bytes.size());
}

void check_cursor(std::string_view bytes) {
  const auto position = decode_cursor(bytes);
  if (position) TG_ASSERT(encode_cursor(*position) == bytes);
}

}  // namespace
}  // namespace tollgate::stores

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace stores = tollgate::stores;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 7) {
    case 0: stores::check_head_and_parts(bytes); break;
    case 1: stores::check_packed_block(bytes); break;
    case 2: stores::check_rows(bytes); break;
    case 3: stores::check_footer(bytes); break;
    case 4: stores::check_index_page(bytes); break;
    case 5: stores::check_frames(bytes); break;
    default: stores::check_cursor(bytes); break;
  }
  return 0;
}
