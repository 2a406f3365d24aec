// What segments of earlier runs say at the start: how far each ring got, and which names there are. The newest
// segment's torn tail is cut off.
#pragma once

#include <cstdint>
#include <map>

#include "base/error.h"
#include "base/io.h"
#include "stores/segments/name_table.h"
#include "stores/segments/segment_set.h"

namespace tollgate::stores {

struct RecoveredSegments {
  std::map<std::uint64_t, std::uint64_t> ring_ends;    // by ring id: one past its newest record in any segment
  std::map<std::uint64_t, std::uint64_t> ring_begins;  // by ring id: where it stood in the oldest segment
  std::uint64_t next_number = 1;
  std::uint64_t torn_bytes = 0;  // cut off
  bool durable = true;           // false: the disk refused to confirm what was read
};

// Fills `segments` (all sealed) and `names`. Reads the newest segment whole, of others only the beginning, so that a
// start takes the same time whatever is kept. Damage and unreadable files are no errors here: the shipper comes upon
// them.
Result<RecoveredSegments> recover_segments(Io& io, SegmentSet& segments, NameTable& names);

}  // namespace tollgate::stores
