#include "stores/segments/shipper.h"

#include <algorithm>

#include "base/file.h"
#include "base/random.h"
#include "base/str.h"

namespace tollgate::stores {

using core::DecisionFrame;
using core::DecisionRecord;
using ports::RecordBatch;

namespace {
constexpr std::uint64_t kRoundBytesMax = 16u << 20;  // of reading, so that deletion and stop are never far
constexpr std::size_t kDamageCopyBytesMax = 1u << 20;
constexpr std::uint32_t kReadAttempts = 5;
}  // namespace

Shipper::Shipper(Io& io, SegmentSet& segments, RingBook& book, NameTable& names, ports::UsageIngest& ingest,
                 ShipperOptions options)
    : io_(io), segments_(segments), book_(book), names_(names), ingest_(ingest), options_(options) {
  go_to(first_unshipped());
}

ShipperCounts Shipper::counts() const {
  return {.failures = failures_.load(std::memory_order_relaxed),
          .read_failures = read_failures_.load(std::memory_order_relaxed),
          .damaged_places = damaged_places_.load(std::memory_order_relaxed)};
}

Shipper::Position Shipper::first_unshipped() const {
  Position position;
  while (const auto segment = segments_.first_from(position.segment)) {
    const auto is_shipped = [&](const core::RingPosition& end) {
      return book_.knows(end.ring_id) && book_.ship_state(end.ring_id).cursor >= end.next_sequence;
    };
    if (!segment->ends || !std::ranges::all_of(*segment->ends, is_shipped)) return {.segment = segment->number};
    position.segment = segment->number + 1;
  }
  return position;
}

void Shipper::go_to(Position position) {
  position_ = position;
  segments_.set_shipped_below(position.segment);
  // An open file takes its space, removed or not.
  if (reader_segment_ != position.segment) reader_.reset();
}

Millis Shipper::step() {
  caught_up_.store(false, std::memory_order_relaxed);
  delete_old();
  if (!ask_new_rings()) return back_off();
  Round round = collect();
  for (auto& [ring_id, part] : round.rings) {
    if (!send(part.batch)) return back_off();
  }
  // What a segment had and did not give is lost: damaged, or taken by a power cut.
  for (const Segment& segment : round.finished) give_up(segment);
  go_to(round.end);
  if (position_ > unreadable_at_) read_attempts_ = 0;
  if (round.unreadable) {
    note_unreadable();
    return back_off();
  }
  failures_in_a_row_ = 0;
  caught_up_.store(!round.more, std::memory_order_relaxed);
  return round.more ? Millis(0) : options_.interval;
}

bool Shipper::ask_new_rings() {
  for (const std::uint64_t ring_id : book_.ids()) {
    if (!asked_.contains(ring_id) && !ask(ring_id)) return false;
  }
  return true;
}

bool Shipper::ask(std::uint64_t ring_id) {
  const auto ack = ingest_.ingest({.ring_id = ring_id, .names = {}, .records = {}});
  if (!ack) return false;
  book_.extend_stray(ring_id, ack->stored_through);
  ShipState state = book_.ship_state(ring_id);
  const bool has_less = ack->stored_through < state.acked;
  if (has_less) {
    state.cursor = state.acked = ack->stored_through;
  } else {
    state.acknowledge(ack->stored_through);
  }
  book_.set_ship_state(ring_id, state);
  // Back to what it has not; or on beyond what it has, of which only it may know.
  go_to(has_less ? first_unshipped() : std::max(position_, first_unshipped()));
  asked_.insert(ring_id);
  return true;
}

Shipper::Round Shipper::collect() {
  Round round{.rings = {}, .end = position_, .finished = {}};
  while (const auto segment = segments_.first_from(round.end.segment)) {
    if (segment->number != round.end.segment) round.end = {.segment = segment->number};
    // What was read before the error is sound, and goes its way.
    round.unreadable = !read_segment(round, *segment);
    if (round.unreadable || round.more || !segment->sealed) break;
    round.finished.push_back(*segment);
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
    if (const auto* damage = std::get_if<SegmentReader::Damage>(&item)) note_damage(round.end, damage->bytes);
    if (const auto* frame = std::get_if<core::Frame>(&item)) learn(*frame);
    const auto* decision = std::get_if<const DecisionFrame*>(&item);
    round.more = (decision != nullptr && !add_record(round, **decision)) || round.bytes_read > kRoundBytesMax;
    if (round.more) return {};
    // A file that is shorter than it was has nothing more to say.
    const bool ended = std::holds_alternative<SegmentReader::End>(item);
    const std::uint64_t next = ended ? segment.readable : reader_->offset();
    round.bytes_read += next - round.end.offset;
    round.end.offset = next;
  }
  return {};
}

// A segment of an earlier run may be all that knows what its records refer to.
void Shipper::learn(const core::Frame& frame) {
  const auto* name = std::get_if<core::NameDefinition>(&frame);
  if (name != nullptr) names_.intern(name->kind, name->name);
}

// False: the record does not go into this round; it is read again in the next.
bool Shipper::add_record(Round& round, const DecisionFrame& frame) {
  RingPart* part = ring_part(round, frame);
  if (part == nullptr) return false;
  const std::uint64_t sequence = frame.record.sequence;
  RecordBatch& batch = part->batch;
  if (batch.records.empty()) {
    if (sequence < part->state.cursor) return true;  // shipped before
    batch.lost_before = sequence - std::min(sequence, part->state.acked);
  } else {
    const std::uint64_t expected = batch.records.back().sequence + 1;
    if (sequence < expected) return true;  // written twice
    if (sequence > expected || batch.records.size() == core::kBatchRecordsMax) return false;
  }
  batch.records.push_back(frame.record);
  return true;
}

// Nothing for a ring that analytics must be asked about first.
Shipper::RingPart* Shipper::ring_part(Round& round, const DecisionFrame& frame) {
  const auto at = round.rings.find(frame.ring_id);
  if (at != round.rings.end()) return &at->second;
  if (!book_.knows(frame.ring_id)) book_.add_stray(frame.ring_id, frame.record.sequence);
  if (!asked_.contains(frame.ring_id)) return nullptr;
  RingPart& part = round.rings[frame.ring_id];
  part.state = book_.ship_state(frame.ring_id);
  part.batch.ring_id = frame.ring_id;
  part.batch.records.reserve(core::kBatchRecordsMax);
  return &part;
}

bool Shipper::send(RecordBatch& batch) {
  if (batch.records.empty()) return true;
  add_names(batch);
  const std::uint64_t end = batch.records.back().sequence + 1;
  ShipState state = book_.ship_state(batch.ring_id);
  if (batch.lost_before > 0) {
    state.declared = batch.records.front().sequence;
    book_.set_ship_state(batch.ring_id, state);
  }
  const auto ack = ingest_.ingest(batch);
  if (!ack || ack->stored_through < end) {
    asked_.erase(batch.ring_id);  // whatever it was, analytics knows best where it stands
    return false;
  }
  book_.extend_stray(batch.ring_id, end);
  state.acknowledge(ack->stored_through);
  book_.set_ship_state(batch.ring_id, state);
  return true;
}

void Shipper::add_names(RecordBatch& batch) const {
  add_names(batch, core::NameKind::route, &DecisionRecord::route);
  add_names(batch, core::NameKind::tier, &DecisionRecord::tier);
  add_names(batch, core::NameKind::consumer, &DecisionRecord::consumer);
  add_names(batch, core::NameKind::limits, &DecisionRecord::limits);
}

void Shipper::add_names(RecordBatch& batch, core::NameKind kind, core::NameRef DecisionRecord::* ref) const {
  std::set<core::NameRef> seen;
  core::NameRef last = 0;  // neighbours mostly agree
  for (const DecisionRecord& record : batch.records) {
    if (record.*ref == last) continue;
    last = record.*ref;
    if (last == 0 || seen.contains(last)) continue;
    seen.insert(last);
    if (auto name = names_.find(kind, last)) batch.names.push_back(*std::move(name));
  }
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

// All before position_ is shipped. A segment is given up after several attempts at one place of it, and what it had
// before that place has arrived; getting further is no failure, however often it happens.
void Shipper::note_unreadable() {
  reader_.reset();
  read_failures_.fetch_add(1, std::memory_order_relaxed);
  if (unreadable_at_ != position_) read_attempts_ = 0;
  unreadable_at_ = position_;
  if (++read_attempts_ < kReadAttempts) return;
  const auto segment = segments_.first_from(position_.segment);
  if (!segment || segment->number != position_.segment || !segment->sealed) return;
  give_up(*segment);
  go_to({.segment = segment->number + 1});
}

void Shipper::delete_old() {
  while (segments_.total_bytes() > options_.keep_bytes) {
    const auto oldest = segments_.first_from(0);
    if (!oldest || !oldest->sealed) return;
    const bool shipped = oldest->number < position_.segment;
    if (!shipped && segments_.total_bytes() <= options_.spool_bytes_max) return;
    if (!segments_.unlink(io_, oldest->number)) return;
    if (!shipped) {
      give_up(*oldest);
      go_to(std::max(position_, Position{.segment = oldest->number + 1}));
    }
  }
}

// Counts as lost whatever the segment has that was not shipped.
void Shipper::give_up(const Segment& segment) {
  if (!segment.ends) return;  // counted once the next record of each ring is read
  for (const core::RingPosition& end : *segment.ends) {
    if (!book_.knows(end.ring_id)) continue;
    ShipState state = book_.ship_state(end.ring_id);
    if (state.cursor >= end.next_sequence) continue;
    state.lost += end.next_sequence - state.cursor;
    state.cursor = end.next_sequence;
    book_.set_ship_state(end.ring_id, state);
  }
}

Millis Shipper::back_off() {
  failures_.fetch_add(1, std::memory_order_relaxed);
  const std::uint32_t doublings = std::min(failures_in_a_row_++, 10u);
  const auto delay = std::min(options_.backoff_max, options_.backoff_min * (1u << doublings));
  // Half of it is chance, so that many gateways do not come back together.
  const auto half = static_cast<std::uint64_t>(delay.count()) / 2;
  return Millis(static_cast<std::int64_t>(half + random_u64() % (half + 1)));
}

}  // namespace tollgate::stores
