#include "stores/archive/open_records.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/str.h"
#include "core/usage/packed_rows.h"

namespace tollgate::stores {

using core::LoggedRecord;
using core::RecordPosition;

namespace {

constexpr std::size_t kPieceRecordsMin = 512;  // smaller ones are joined

bool takes_all(const core::RecordFilter& filter) {
  return filter.from == WallTime::min() && filter.to == WallTime::max() && !filter.asks_for_caller() &&
         !filter.asks_for_kind();
}

}  // namespace

void OpenRecordsView::Piece::read(const core::RecordFilter& filter, std::vector<LoggedRecord>& into) const {
  const auto before = static_cast<std::ptrdiff_t>(into.size());
  for (std::string_view left = *rows; !left.empty();) {
    TG_ASSERT(core::take_rows(left, into));
  }
  if (takes_all(filter)) return;
  const auto fails = [&](const LoggedRecord& one) { return !filter.matches(one.record); };
  into.erase(std::remove_if(into.begin() + before, into.end(), fails), into.end());
}

std::size_t OpenRecordsView::records() const {
  std::size_t count = 0;
  for (const Piece& piece : pieces) count += piece.count;
  return count;
}

SortedRecords OpenRecordsView::sorted(const core::RecordFilter& filter) const {
  struct Entry {
    RecordPosition position;
    std::size_t index = 0;
  };
  SortedRecords sorted;
  std::vector<Entry> entries;
  if (takes_all(filter)) {
    sorted.records.reserve(records());
    entries.reserve(records());
  }
  for (const Piece& piece : pieces) {
    piece.read(filter, sorted.records);
    // Now, while they are in the cache.
    for (std::size_t i = entries.size(); i < sorted.records.size(); ++i) {
      entries.push_back({.position = RecordPosition::of(sorted.records[i]), .index = i});
    }
  }
  std::ranges::sort(entries, {}, &Entry::position);
  sorted.in_order.reserve(entries.size());
  for (const Entry& entry : entries) sorted.in_order.push_back(&sorted.records[entry.index]);
  return sorted;
}

// Pieces never change: who has a view may be reading them.
void OpenRecords::add(std::string rows, std::span<const core::DecisionRecord> records) {
  OpenRecordsView::Piece piece{.rows = nullptr,
                               .count = records.size(),
                               .first_ns = std::numeric_limits<std::int64_t>::max(),
                               .last_ns = std::numeric_limits<std::int64_t>::min()};
  for (const core::DecisionRecord& record : records) {
    piece.first_ns = std::min(piece.first_ns, record.time_ns);
    piece.last_ns = std::max(piece.last_ns, record.time_ns);
  }
  count_ += piece.count;
  if (!view_.pieces.empty() && view_.pieces.back().count < kPieceRecordsMin) {
    const OpenRecordsView::Piece& last = view_.pieces.back();
    rows = str::cat(*last.rows, rows);
    piece.count += last.count;
    piece.first_ns = std::min(piece.first_ns, last.first_ns);
    piece.last_ns = std::max(piece.last_ns, last.last_ns);
    view_.pieces.pop_back();
  }
  piece.rows = std::make_shared<const std::string>(std::move(rows));
  view_.pieces.push_back(std::move(piece));
}

}  // namespace tollgate::stores
