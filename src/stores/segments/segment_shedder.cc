#include "stores/segments/segment_shedder.h"

#include <algorithm>
#include <limits>
#include <variant>
#include <vector>

namespace tollgate::stores {

bool SegmentShedder::shed(SegmentReader reader, const Segment& segment) {
  open_.clear();
  reserve_is_full_ = false;
  reader.seek(kSegmentHeaderBytes);
  while (true) {
    // A place that cannot be read is lost, as one that is damaged.
    const auto item = reader.next(segment.readable);
    if (!item || std::holds_alternative<SegmentReader::End>(*item)) break;
    if (const auto* frame = std::get_if<core::Frame>(&*item)) names_.learn(*frame);
    const auto* record = std::get_if<const core::LoggedRecord*>(&*item);
    if (record == nullptr) continue;
    const core::LoggedRecord& one = **record;
    if (!book_.knows(one.ring_id)) book_.add_stray(one.ring_id, one.record.sequence);
    if (!add(open_of(one.ring_id), one.record)) return false;
  }
  for (const core::RingPosition& end : segment.ends.value_or(std::vector<core::RingPosition>())) {
    if (!book_.knows(end.ring_id)) continue;
    Open& open = open_of(end.ring_id);
    open.seen_end = std::max(open.seen_end, end.next_sequence);
  }
  return std::ranges::all_of(open_, [&](auto& open) { return finish(open.second, open.second.seen_end); });
}

SegmentShedder::Open& SegmentShedder::open_of(std::uint64_t ring_id) {
  const auto [at, is_new] = open_.try_emplace(ring_id);
  Open& open = at->second;
  if (!is_new) return open;
  const ShipState state = book_.ship_state(ring_id);
  open.part.ring_id = ring_id;
  open.part.first = state.cursor;
  open.sent = state.sent;
  open.tail = book_.tail(ring_id);
  open.done = reserve_.ranges(ring_id);
  return open;
}

bool SegmentShedder::add(Open& open, const core::DecisionRecord& record) {
  if (record.sequence >= open.tail) return true;
  pass_counts(open);
  while (record.sequence >= next_stop(open)) {
    if (!close_part(open, next_stop(open))) return false;
    pass_counts(open);
  }
  const bool is_known = record.sequence < std::max(open.part.first, open.seen_end);
  if (is_known) return true;
  // What stood before may have been shipped, where a power cut took the note of it: a part of its own.
  if (open.seen_end == 0 && record.sequence > open.part.first && !close_part(open, record.sequence)) return false;
  if (open.part.records.size() == core::kBatchRecordsMax && !close_part(open, open.seen_end)) return false;
  open.part.records.push_back(record);
  open.seen_end = record.sequence + 1;
  return true;
}

// What is missing up to `end` is lost.
bool SegmentShedder::finish(Open& open, std::uint64_t end) {
  end = std::min(end, open.tail);
  pass_counts(open);
  while (open.part.first < end) {
    if (!close_part(open, std::min(end, next_stop(open)))) return false;
    pass_counts(open);
  }
  return true;
}

bool SegmentShedder::close_part(Open& open, std::uint64_t end) {
  open.part.end = end;
  book_.extend_stray(open.part.ring_id, end);
  const auto records = static_cast<std::uint64_t>(open.part.records.size());
  bool done = !reserve_is_full_ && shedder_.shed({open.part});
  if (!done) {
    reserve_is_full_ = true;
    open.part.records.clear();
    open.part.given_up = records;
    done = shedder_.shed({open.part});
  }
  open.part = {.ring_id = open.part.ring_id, .first = end, .end = 0, .records = {}};
  return done;
}

// Beyond the counts that begin where the part does.
void SegmentShedder::pass_counts(Open& open) {
  for (const Reserve::Range& counts : open.done) {
    if (counts.first <= open.part.first && open.part.first < counts.end) open.part.first = counts.end;
  }
}

// Where the part has to end at the latest: other counts begin, or a batch that may be stored ends.
std::uint64_t SegmentShedder::next_stop(const Open& open) {
  std::uint64_t stop = std::numeric_limits<std::uint64_t>::max();
  if (open.sent > open.part.first) stop = open.sent;
  for (const Reserve::Range& counts : open.done) {
    if (counts.first > open.part.first) stop = std::min(stop, counts.first);
  }
  return stop;
}

}  // namespace tollgate::stores
