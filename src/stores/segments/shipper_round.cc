// What one round of the shipper takes from segments.
#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "base/file.h"
#include "base/str.h"
#include "stores/segments/shipper.h"

namespace tollgate::stores {

using core::DecisionRecord;
using core::LoggedRecord;
using ports::RecordBatch;

namespace {
constexpr std::uint64_t kRoundBytesMax = 16u << 20;  // of reading, so that deletion and stop are never far
constexpr std::size_t kDamageCopyBytesMax = 1u << 20;
}  // namespace

Shipper::Round Shipper::collect() {
  Round round{.rings = {}, .counts = {}, .blocked = {}, .end = position_, .finished = {}};
  for (const std::uint64_t ring_id : reserve_.ring_ids()) {
    if (const auto counts = reserve_.ranges(ring_id); !counts.empty()) round.counts.emplace(ring_id, counts.front());
  }
  while (const auto segment = segments_.first_from(round.end.segment)) {
    if (segment->number != round.end.segment) round.end = {.segment = segment->number};
    // What was read before the error is sound, and goes its way.
    round.unreadable = !read_segment(round, *segment);
    if (round.unreadable || round.more) break;
    round.finished.push_back(*segment);
    if (!segment->sealed) break;
    round.end = {.segment = segment->number + 1};
  }
  return round;
}

// From round.end on, which follows; until the segment's end, or until the round has enough.
Result<void> Shipper::read_segment(Round& round, const Segment& segment) {
  if (!reader_ || reader_segment_ != segment.number) {
    TG_TRY(reader_, SegmentReader::open(io_, segments_.path(segment.number)));
    reader_segment_ = segment.number;
  }
  reader_->seek(round.end.offset);
  while (round.end.offset < segment.readable) {
    TG_TRY(const SegmentReader::Item item, reader_->next(segment.readable));
    round.more = !take_item(round, item) || round.bytes_read > kRoundBytesMax;
    if (round.more) return {};
    // A file that is shorter than it was has nothing more to say.
    const bool ended = std::holds_alternative<SegmentReader::End>(item);
    const std::uint64_t next = ended ? segment.readable : reader_->offset();
    round.bytes_read += next - round.end.offset;
    round.end.offset = next;
  }
  return {};
}

// False: it does not go into this round; it is read again in the next.
bool Shipper::take_item(Round& round, const SegmentReader::Item& item) {
  if (const auto* record = std::get_if<const LoggedRecord*>(&item)) return add_record(round, **record);
  if (const auto* damage = std::get_if<SegmentReader::Damage>(&item)) note_damage(round.end, damage->bytes);
  if (const auto* frame = std::get_if<core::Frame>(&item)) names_.learn(*frame);
  return true;
}

bool Shipper::add_record(Round& round, const LoggedRecord& one) {
  RingPart* part = ring_part(round, one);
  if (part == nullptr) return false;
  RecordBatch& batch = part->batch;
  switch (fate_of(*part, one.ring_id, one.record.sequence)) {
    case Fate::not_wanted: return true;
    case Fate::blocked: round.blocked.insert(one.ring_id); return false;
    case Fate::wanted: break;
  }
  if (!batch.records.empty() && one.record.sequence != batch.records.back().sequence + 1) return false;
  if (batch.records.size() == core::kBatchRecordsMax) return false;
  batch.records.push_back(one.record);
  return true;
}

Shipper::Fate Shipper::fate_of(RingPart& part, std::uint64_t ring_id, std::uint64_t sequence) {
  const auto& records = part.batch.records;
  const std::uint64_t expected = records.empty() ? part.state.cursor : records.back().sequence + 1;
  if (sequence < expected) return Fate::not_wanted;  // shipped before, or written twice
  // What the other thread has done since is seen by now: a record can be read only after it has left its ring, and one
  // beyond a gap that became counts only after these were in the reserve.
  if (sequence >= part.tail) part.tail = book_.tail(ring_id);
  if (sequence >= part.tail) return Fate::not_wanted;
  if (sequence > expected) part.counts = reserve_.ranges(ring_id);
  for (const Reserve::Range& counts : part.counts) {
    if (counts.end <= expected || counts.first > sequence) continue;
    return sequence < counts.end ? Fate::not_wanted : Fate::blocked;
  }
  return Fate::wanted;
}

// Nothing for a ring that analytics must be asked about first.
Shipper::RingPart* Shipper::ring_part(Round& round, const LoggedRecord& one) {
  const auto at = round.rings.find(one.ring_id);
  if (at != round.rings.end()) return &at->second;
  if (!book_.knows(one.ring_id)) book_.add_stray(one.ring_id, one.record.sequence);
  if (!asked_.contains(one.ring_id)) return nullptr;
  RingPart& part = round.rings[one.ring_id];
  part.state = book_.ship_state(one.ring_id);
  part.counts = reserve_.ranges(one.ring_id);
  part.batch.ring_id = one.ring_id;
  part.batch.records.reserve(core::kBatchRecordsMax);
  return &part;
}

void Shipper::note_damage(const Position& at, std::uint64_t bytes) {
  if (at <= damage_noted_) return;
  damage_noted_ = at;
  damaged_places_.fetch_add(1, std::memory_order_relaxed);
  // A copy for people to look at; that it cannot be made changes nothing.
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kDamageCopyBytesMax));
  if (const auto copy = reader_->bytes(at.offset, length)) {
    const std::string path = str::cat(segments_.path(at.segment), ".damage-", at.offset);
    [[maybe_unused]] const auto written = write_file_atomic(path, *copy, 0600);
  }
}

void Shipper::add_names(RecordBatch& batch) const {
  add_names(batch, core::NameKind::route, &DecisionRecord::route);
  add_names(batch, core::NameKind::tier, &DecisionRecord::tier);
  add_names(batch, core::NameKind::consumer, &DecisionRecord::consumer);
  add_names(batch, core::NameKind::limits, &DecisionRecord::limits);
}

void Shipper::add_names(RecordBatch& batch, core::NameKind kind, core::NameRef DecisionRecord::* ref) const {
  std::vector<core::NameRef> used;
  core::NameRef last = 0;  // neighbours mostly agree
  for (const DecisionRecord& record : batch.records) {
    if (record.*ref == last) continue;
    last = record.*ref;
    if (last != 0) used.push_back(last);
  }
  std::ranges::sort(used);
  const auto repeated = std::ranges::unique(used);
  used.erase(repeated.begin(), repeated.end());
  for (const core::NameRef one : used) {
    if (auto name = names_.find(kind, one)) batch.names.push_back(*std::move(name));
  }
}

}  // namespace tollgate::stores
