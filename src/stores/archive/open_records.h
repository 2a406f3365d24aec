// The records of a file that is not sealed yet, in memory: what searches read of it, and what it is sealed from. The
// file itself is read again only after the process has ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/usage/record_filter.h"

namespace tollgate::stores {

// Records, and pointers to them by position.
struct SortedRecords {
  std::vector<core::LoggedRecord> records;
  std::vector<const core::LoggedRecord*> in_order;
};

// Records at one point in time; those added later are not among them. Thread safety: a value.
class OpenRecordsView {
 public:
  struct Piece {
    std::shared_ptr<const std::string> rows;  // of append_rows(), one after the other
    std::size_t count = 0;
    std::int64_t first_ns = 0, last_ns = 0;  // the least and greatest time among them

    // Appends those that pass, as they came.
    void read(const core::RecordFilter& filter, std::vector<core::LoggedRecord>& into) const;
  };
  std::vector<Piece> pieces;

  std::size_t records() const;
  // Those that pass.
  SortedRecords sorted(const core::RecordFilter& filter) const;
};

// Thread safety: add() and view() one at a time; what view() gave may be read meanwhile.
class OpenRecords {
 public:
  // As they are written to the file, so that they are packed once: what append_rows() made of `records`.
  void add(std::string rows, std::span<const core::DecisionRecord> records);
  OpenRecordsView view() const { return view_; }
  std::size_t count() const { return count_; }

 private:
  OpenRecordsView view_;
  std::size_t count_ = 0;
};

}  // namespace tollgate::stores
