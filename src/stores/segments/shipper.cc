#include "stores/segments/shipper.h"

#include <algorithm>

#include "base/random.h"

namespace tollgate::stores {

using ports::RecordBatch;

namespace {
constexpr std::uint32_t kReadAttempts = 5;
}  // namespace

Shipper::Shipper(const Parts& parts, ShipperOptions options)
    : io_(parts.io),
      segments_(parts.segments),
      book_(parts.book),
      reserve_(parts.reserve),
      segment_shedder_(parts.book, parts.reserve, parts.shedder, parts.names),
      names_(parts.names),
      ingest_(parts.ingest),
      options_(options) {
  go_to(first_unshipped());
}

ShipperCounts Shipper::counts() const {
  return {.failures = failures_.load(std::memory_order_relaxed),
          .read_failures = read_failures_.load(std::memory_order_relaxed),
          .damaged_places = damaged_places_.load(std::memory_order_relaxed)};
}

// An open segment may get records yet, whatever was shipped of it.
Shipper::Position Shipper::first_unshipped() const {
  Position position;
  while (const auto segment = segments_.first_from(position.segment)) {
    const auto is_shipped = [&](const core::RingPosition& end) {
      return book_.knows(end.ring_id) && book_.ship_state(end.ring_id).cursor >= end.next_sequence;
    };
    const bool is_done = segment->sealed && segment->ends && std::ranges::all_of(*segment->ends, is_shipped);
    if (!is_done) return {.segment = segment->number};
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
  // Asked first: what is known to be stored need not become counts.
  const bool asked = ask_new_rings();
  delete_old();
  if (!asked || !send_due_counts()) return back_off();
  Round round = collect();
  for (auto& [ring_id, part] : round.rings) {
    if (!send(part.batch)) return back_off();
  }
  const bool finished = finish_segments(round);
  go_to(round.end);
  if (position_ > unreadable_at_) read_attempts_ = 0;
  if (round.unreadable) {
    note_unreadable();
    return back_off();
  }
  const bool more = pass_gaps_before_counts(round) || !finished || round.more;
  failures_in_a_row_ = 0;
  caught_up_.store(!more, std::memory_order_relaxed);
  return more ? Millis(0) : options_.interval;
}

// What a segment had and did not give is lost: damaged, or taken by a power cut. False: counts have to be sent before
// that can be said of the rest.
bool Shipper::finish_segments(Round& round) {
  for (const Segment& segment : round.finished) {
    if (give_up(segment, Loss::damage)) continue;
    round.end = {.segment = segment.number, .offset = segment.readable};
    return false;
  }
  return true;
}

// Counts that are next in their ring.
bool Shipper::send_due_counts() {
  for (const std::uint64_t ring_id : reserve_.ring_ids()) {
    while (true) {
      auto batch = reserve_.take(ring_id, book_.ship_state(ring_id).cursor);
      if (!batch) break;
      const Reserve::Range range{.first = batch->aggregate->first, .end = batch->aggregate->end};
      if (!submit(*batch, range)) return false;
    }
  }
  return true;
}

// Counts come after the records before them. When those were all read, or when what comes after was, and some are
// missing all the same, then they are lost, and it is the counts' turn: true.
bool Shipper::pass_gaps_before_counts(const Round& round) {
  bool passed = false;
  for (const auto& [ring_id, counts] : round.counts) {
    if (round.more && !round.blocked.contains(ring_id)) continue;
    ShipState state = book_.ship_state(ring_id);
    if (state.cursor > counts.first) continue;
    state.lost += counts.first - state.cursor;
    state.cursor = counts.first;
    book_.set_ship_state(ring_id, state);
    passed = true;
  }
  return passed;
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
    state.declared = state.sent = state.sent_counts = 0;
    book_.set_ship_state(ring_id, state);
  } else if (!settle(ring_id, state, ack->stored_through)) {
    return false;
  }
  // Back to what it has not; or on beyond what it has, of which only it may know.
  go_to(has_less ? first_unshipped() : std::max(position_, first_unshipped()));
  asked_.insert(ring_id);
  return true;
}

// Analytics says that it has everything below `through`. False: the disk fails; to be tried again.
bool Shipper::settle(std::uint64_t ring_id, ShipState state, std::uint64_t through) {
  const auto counts = reserve_.ranges(ring_id);
  const bool has_some = !counts.empty() && counts.front().first < through;
  // Counts are all that says how far the ring was, should a power cut take what it has not written back.
  if (has_some && !book_.sync_ring(ring_id)) return false;
  ReserveSum gone = reserve_.sum_through(ring_id, through);
  // Else they became counts here after they were sent as records, and arrived as such.
  const ReserveSum arrived = state.sent_counts != 0 ? gone : ReserveSum();
  state.acknowledge(through);
  state.aggregated += arrived.records;
  state.lost += arrived.lost;
  state.given_up += arrived.given_up;
  // Counts of which it has a part cannot be sent any more without doubling that.
  if (const auto across = reserve_.entry_across(ring_id, through)) {
    gone += across->sum();
    state.cursor = across->end();
    state.lost += state.cursor - through;
  }
  book_.settle(ring_id, state, gone);
  reserve_.remove_below(ring_id, through);
  return true;
}

bool Shipper::send(RecordBatch& batch) {
  if (batch.records.empty()) return true;
  add_names(batch);
  return submit(batch, {.first = batch.records.front().sequence, .end = batch.records.back().sequence + 1});
}

bool Shipper::submit(RecordBatch& batch, const Reserve::Range& range) {
  ShipState state = book_.ship_state(batch.ring_id);
  batch.lost_before = range.first - std::min(range.first, state.acked);
  if (batch.lost_before > 0) state.declared = range.first;
  state.sent = range.end;
  state.sent_counts = batch.aggregate ? 1 : 0;
  book_.set_ship_state(batch.ring_id, state);
  reserve_.keep_apart(batch.ring_id, range.end);
  const auto ack = ingest_.ingest(batch);
  if (!ack || ack->stored_through < range.end) {
    asked_.erase(batch.ring_id);  // whatever it was, analytics knows best where it stands
    return false;
  }
  book_.extend_stray(batch.ring_id, range.end);
  if (settle(batch.ring_id, state, ack->stored_through)) return true;
  asked_.erase(batch.ring_id);
  return false;
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
  if (give_up(*segment, Loss::damage)) go_to({.segment = segment->number + 1});
}

void Shipper::delete_old() {
  while (segments_.total_bytes() > options_.keep_bytes) {
    const auto oldest = segments_.first_from(0);
    if (!oldest || !oldest->sealed) return;
    const bool shipped = oldest->number < position_.segment;
    if (!shipped) {
      if (segments_.total_bytes() <= options_.spool_bytes_max || !shed(*oldest)) return;
      go_to(std::max(position_, Position{.segment = oldest->number + 1}));
    }
    // A power cut may take what rings have not written back; then the next segment says how far they were.
    if (segments_.is_last(oldest->number) && !book_.sync_rings()) return;
    if (!segments_.unlink(io_, oldest->number)) return;
  }
}

// Makes counts of what the segment has and was not shipped. False: that cannot be done, and what would be lost could
// not be told from what was.
bool Shipper::shed(const Segment& segment) {
  auto reader = SegmentReader::open(io_, segments_.path(segment.number));
  if (reader && segment_shedder_.shed(*std::move(reader), segment)) return true;
  return give_up(segment, Loss::no_room);
}

// Counts as lost whatever the segment has that was not shipped. False: as far as the next counts, which are to be sent
// first.
bool Shipper::give_up(const Segment& segment, Loss why) {
  bool done = true;
  if (!segment.ends) return done;  // counted once the next record of each ring is read
  for (const core::RingPosition& end : *segment.ends) {
    if (book_.knows(end.ring_id)) done = give_up(end, why) && done;
  }
  return done;
}

bool Shipper::give_up(const core::RingPosition& end, Loss why) {
  ShipState state = book_.ship_state(end.ring_id);
  std::uint64_t to = std::min(end.next_sequence, book_.tail(end.ring_id));
  const auto counts = reserve_.ranges(end.ring_id);
  const bool blocked = !counts.empty() && counts.front().first < to;
  if (blocked) to = counts.front().first;
  if (state.cursor < to) {
    state.lost += to - state.cursor;
    if (why == Loss::no_room) state.given_up += to - state.cursor;
    state.cursor = to;
    book_.set_ship_state(end.ring_id, state);
  }
  return !blocked;
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
