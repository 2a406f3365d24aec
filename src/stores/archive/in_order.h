// What an open file has in memory, by position, some thousands at a time: sealing needs each record once, and a core
// keeps a few thousand close by, not a file's hundred thousand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/usage/record_filter.h"
#include "stores/archive/open_records.h"

namespace tollgate::stores {

// Thread safety: one thread at a time.
class InOrder {
 public:
  explicit InOrder(OpenRecordsView view);

  // Replaces what `into` has by the next `count`; fewer only at the end, none after it.
  void next(std::size_t count, std::vector<core::LoggedRecord>& into);

 private:
  struct Entry {
    core::RecordPosition position;
    std::size_t index = 0;  // in read_
  };

  void read_more(std::size_t count);
  void sort();
  // Nothing that was not read comes before.
  std::int64_t bound() const { return earliest_from_[next_piece_]; }

  const OpenRecordsView view_;
  std::vector<std::int64_t> earliest_from_;  // of each piece: the least time in it and in those after it
  std::size_t next_piece_ = 0;
  std::vector<core::LoggedRecord> read_, left_;  // left_ between calls: room, nothing more
  std::vector<Entry> entries_;                   // of those that are left of read_, sorted
  std::size_t at_ = 0;                           // in entries_
};

}  // namespace tollgate::stores
