// Makes counts of all that a segment has, so that it can go when segments take more than they may.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "stores/segments/name_table.h"
#include "stores/segments/reserve.h"
#include "stores/segments/ring_book.h"
#include "stores/segments/segment_reader.h"
#include "stores/segments/segment_set.h"
#include "stores/segments/shedder.h"

namespace tollgate::stores {

// Thread safety: the thread that ships.
class SegmentShedder {
 public:
  SegmentShedder(RingBook& book, const Reserve& reserve, Shedder& shedder, NameTable& names)
      : book_(book), reserve_(reserve), shedder_(shedder), names_(names) {}

  // What was neither shipped nor counted becomes counts in the reserve, and losses when that is full. True: nothing
  // in the segment is needed any more. False: not even losses could be noted; what became counts stays so.
  bool shed(SegmentReader reader, const Segment& segment);

 private:
  // One ring's sequences on their way into parts.
  struct Open {
    Shedder::Part part;                // from part.first on nothing has been decided
    std::uint64_t seen_end = 0;        // one past the newest record
    std::uint64_t tail = 0;            // records from here on are in the ring, and stay there
    std::uint64_t sent = 0;            // no part may reach across
    std::vector<Reserve::Range> done;  // counts that there are
  };
  Open& open_of(std::uint64_t ring_id);
  bool add(Open& open, const core::DecisionRecord& record);
  bool finish(Open& open, std::uint64_t end);
  bool close_part(Open& open, std::uint64_t end);
  static void pass_counts(Open& open);
  static std::uint64_t next_stop(const Open& open);

  RingBook& book_;
  const Reserve& reserve_;
  Shedder& shedder_;
  NameTable& names_;
  std::map<std::uint64_t, Open> open_;
  bool reserve_is_full_ = false;
};

}  // namespace tollgate::stores
