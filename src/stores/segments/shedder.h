// Makes counts of records for which there is no room, and puts them into the reserve.
#pragma once

#include <cstdint>
#include <vector>

#include "core/usage/decision_record.h"
#include "stores/segments/name_table.h"
#include "stores/segments/reserve.h"
#include "stores/segments/ring_book.h"

namespace tollgate::stores {

// Thread safety: shed() from any thread.
class Shedder {
 public:
  Shedder(RingBook& book, Reserve& reserve, const NameTable& names) : book_(book), reserve_(reserve), names_(names) {}

  // Sequences first … end-1 of a ring, and those of their records that there are.
  struct Part {
    std::uint64_t ring_id = 0;
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    std::vector<core::DecisionRecord> records;  // at most core::kBatchRecordsMax
    std::uint64_t given_up = 0;                 // of the sequences without a record, those for lack of room
  };
  // All parts or none. True: their counts are on the disk, and stand for the records from now on.
  bool shed(const std::vector<Part>& parts);

 private:
  Reserve::Entry entry_of(const Part& part) const;

  RingBook& book_;
  Reserve& reserve_;
  const NameTable& names_;
};

}  // namespace tollgate::stores
