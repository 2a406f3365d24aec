#include "stores/archive/open_records.h"

#include <algorithm>

namespace tollgate::stores {

using core::LoggedRecord;
using core::RecordPosition;

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
  std::vector<Entry> entries;
  for (const Piece& piece : pieces) {
    for (const LoggedRecord& one : piece.span()) {
      if (filter.matches(one.record)) entries.push_back({RecordPosition::of(one), &one});
    }
  }
  std::ranges::sort(entries, {}, &Entry::position);
  std::vector<const LoggedRecord*> sorted;
  sorted.reserve(entries.size());
  for (const Entry& entry : entries) sorted.push_back(entry.record);
  return sorted;
}

// Pieces never move: who has a view reads up to its count, and this writes beyond.
void OpenRecords::add(const LoggedRecord& record) {
  const std::int64_t time = record.record.time_ns;
  if (view_.pieces.empty() || view_.pieces.back().count == kPieceRecords) {
    const auto records = std::make_shared<LoggedRecord[]>(kPieceRecords);
    place_ = records.get();
    view_.pieces.push_back({.records = records, .count = 0, .first_ns = time, .last_ns = time});
  }
  OpenRecordsView::Piece& piece = view_.pieces.back();
  *place_++ = record;
  ++piece.count;
  ++count_;
  piece.first_ns = std::min(piece.first_ns, time);
  piece.last_ns = std::max(piece.last_ns, time);
}

}  // namespace tollgate::stores
