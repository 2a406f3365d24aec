#include "stores/archive/open_records.h"

#include <algorithm>
#include <limits>

namespace tollgate::stores {

using core::LoggedRecord;
using core::RecordPosition;

namespace {
constexpr std::size_t kPieceRecordsMin = 512;
}

std::size_t OpenRecordsView::records() const {
  std::size_t count = 0;
  for (const Piece& piece : pieces) count += piece.count;
  return count;
}

std::vector<const LoggedRecord*> OpenRecordsView::sorted(const core::RecordFilter& filter) const {
  struct Entry {
    RecordPosition position;
    const LoggedRecord* record = nullptr;
  };
  const bool asks_for_time = filter.from != WallTime::min() || filter.to != WallTime::max();
  const bool takes_all = !asks_for_time && !filter.asks_for_caller() && !filter.asks_for_kind();
  std::vector<Entry> entries;
  if (takes_all) entries.reserve(records());
  for (const Piece& piece : pieces) {
    for (const LoggedRecord& one : piece.span()) {
      if (takes_all || filter.matches(one.record)) entries.push_back({RecordPosition::of(one), &one});
    }
  }
  std::ranges::sort(entries, {}, &Entry::position);
  std::vector<const LoggedRecord*> sorted;
  sorted.reserve(entries.size());
  for (const Entry& entry : entries) sorted.push_back(entry.record);
  return sorted;
}

// Pieces never move: who has a view reads up to its count, and this writes beyond.
void OpenRecords::add(std::uint64_t ring_id, std::span<const core::DecisionRecord> records) {
  while (!records.empty()) {
    if (last_ == nullptr || last_->size() == last_->capacity()) begin_piece(records.size());
    OpenRecordsView::Piece& piece = view_.pieces.back();
    const auto some = records.first(std::min(records.size(), last_->capacity() - last_->size()));
    for (const core::DecisionRecord& record : some) {
      last_->push_back({.ring_id = ring_id, .record = record});
      piece.first_ns = std::min(piece.first_ns, record.time_ns);
      piece.last_ns = std::max(piece.last_ns, record.time_ns);
    }
    piece.count += some.size();
    count_ += some.size();
    records = records.subspan(some.size());
  }
}

void OpenRecords::begin_piece(std::size_t records) {
  last_ = std::make_shared<std::vector<LoggedRecord>>();
  last_->reserve(std::max(records, kPieceRecordsMin));
  view_.pieces.push_back({.records = {last_, last_->data()},
                          .count = 0,
                          .first_ns = std::numeric_limits<std::int64_t>::max(),
                          .last_ns = std::numeric_limits<std::int64_t>::min()});
}

}  // namespace tollgate::stores
