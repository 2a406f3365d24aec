// The records of a file that is not sealed yet, in memory: what searches read of it, and what it is sealed from. The
// file itself is read again only after the process has ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/usage/record_filter.h"

namespace tollgate::stores {

// Records at one point in time; those added later are not among them. Thread safety: a value.
class OpenRecordsView {
 public:
  struct Piece {
    std::shared_ptr<const core::LoggedRecord[]> records;
    std::size_t count = 0;
    std::int64_t first_ns = 0, last_ns = 0;  // the least and greatest time among them
    std::span<const core::LoggedRecord> span() const { return {records.get(), count}; }
  };
  std::vector<Piece> pieces;

  std::size_t records() const;
  // Those that pass, by position. Valid as long as this view.
  std::vector<const core::LoggedRecord*> sorted(const core::RecordFilter& filter) const;
};

// Thread safety: add() and view() one at a time; what view() gave may be read meanwhile.
class OpenRecords {
 public:
  // Of one ring.
  void add(std::uint64_t ring_id, std::span<const core::DecisionRecord> records);
  OpenRecordsView view() const { return view_; }
  std::size_t count() const { return count_; }

 private:
  void begin_piece(std::size_t records);

  OpenRecordsView view_;
  std::shared_ptr<std::vector<core::LoggedRecord>> last_;  // what the last piece is of; never grows beyond its room
  std::size_t count_ = 0;
};

}  // namespace tollgate::stores
