#include "stores/archive/in_order.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace tollgate::stores {

using core::LoggedRecord;
using core::RecordPosition;

namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

}  // namespace

InOrder::InOrder(OpenRecordsView view) : view_(std::move(view)), earliest_from_(view_.pieces.size() + 1, kNever) {
  for (std::size_t i = view_.pieces.size(); i > 0; --i) {
    earliest_from_[i - 1] = std::min(earliest_from_[i], view_.pieces[i - 1].first_ns);
  }
}

void InOrder::next(std::size_t count, std::vector<LoggedRecord>& into) {
  into.clear();
  into.reserve(std::min(count, view_.records()));
  while (into.size() < count) {
    const bool all_read = next_piece_ == view_.pieces.size();
    if (at_ < entries_.size() && (all_read || entries_[at_].position.time_ns < bound())) {
      into.push_back(read_[entries_[at_++].index]);
    } else if (all_read) {
      return;
    } else {
      read_more(count);
    }
  }
}

// Until something comes before all that is not read yet, and enough to be worth the sorting.
void InOrder::read_more(std::size_t count) {
  std::int64_t earliest = at_ < entries_.size() ? entries_[at_].position.time_ns : kNever;
  left_.clear();
  for (; at_ < entries_.size(); ++at_) left_.push_back(read_[entries_[at_].index]);
  read_.swap(left_);
  do {
    const OpenRecordsView::Piece& piece = view_.pieces[next_piece_++];
    piece.read({}, read_);
    earliest = std::min(earliest, piece.first_ns);
  } while (next_piece_ < view_.pieces.size() && (read_.size() < count || earliest >= bound()));
  sort();
}

void InOrder::sort() {
  entries_.clear();
  at_ = 0;
  for (std::size_t i = 0; i < read_.size(); ++i) {
    entries_.push_back({.position = RecordPosition::of(read_[i]), .index = i});
  }
  std::ranges::sort(entries_, {}, &Entry::position);
}

}  // namespace tollgate::stores
