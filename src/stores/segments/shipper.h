// Brings what is in segments to analytics, in order and without gaps that are not accounted for, and deletes segments
// that nobody needs any more. One thread calls step() and waits as long as it says.
//
// Analytics decides how far a ring is stored: it is asked at the start and after every surprise, and whatever was sent
// twice is told apart there by ring and sequence. When it lost its data, what segments still hold is sent again.
//
// Counts in the reserve are sent where their sequences have their turn, and stand for them whatever segments say. When
// segments take more than they may, the oldest become counts; when the reserve is full, losses.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/io.h"
#include "ports/usage_store.h"
#include "stores/segments/name_table.h"
#include "stores/segments/reserve.h"
#include "stores/segments/ring_book.h"
#include "stores/segments/segment_reader.h"
#include "stores/segments/segment_set.h"
#include "stores/segments/segment_shedder.h"
#include "stores/segments/shedder.h"

namespace tollgate::stores {

struct ShipperOptions {
  Millis interval{250};  // between rounds: few commits there, records visible within half a second
  Millis backoff_min{100};
  Millis backoff_max{5000};
  std::uint64_t keep_bytes = 1u << 30;         // shipped segments are kept up to this
  std::uint64_t spool_bytes_max = 2ull << 30;  // beyond this records that were not shipped become counts
};

struct ShipperCounts {
  std::uint64_t failures = 0;        // rounds that could not be finished
  std::uint64_t read_failures = 0;   // segments that could not be read
  std::uint64_t damaged_places = 0;  // in segments; a copy of each is kept beside them
};

// Thread safety: step() from one thread; counts() and caught_up() from any.
class Shipper {
 public:
  // What there is, by reference: all outlive the shipper.
  struct Parts {
    Io& io;
    SegmentSet& segments;
    RingBook& book;
    Reserve& reserve;
    Shedder& shedder;
    NameTable& names;
    ports::UsageIngest& ingest;
  };
  Shipper(const Parts& parts, ShipperOptions options);

  // One round: deletes, reads, sends. Returns how long to wait before the next.
  Millis step();
  // The last round ended with everything durable sent and acknowledged.
  bool caught_up() const { return caught_up_.load(std::memory_order_relaxed); }
  ShipperCounts counts() const;

 private:
  struct Position {
    std::uint64_t segment = 0;
    std::uint64_t offset = kSegmentHeaderBytes;
    auto operator<=>(const Position&) const = default;
  };
  struct RingPart {
    ShipState state;                     // when the round began
    std::uint64_t tail = 0;              // records from here on are in the ring, and come again
    std::vector<Reserve::Range> counts;  // in the reserve; in order
    ports::RecordBatch batch;
  };
  struct Round {
    std::map<std::uint64_t, RingPart> rings;
    std::map<std::uint64_t, Reserve::Range> counts;  // the first in the reserve, per ring, when the round began
    std::set<std::uint64_t> blocked;                 // rings whose counts come before what was read next
    Position end;                                    // all before is in the batches or was shipped before
    std::vector<Segment> finished;                   // read to where they may be read; the last may be an open one
    std::uint64_t bytes_read = 0;
    bool more = false;
    bool unreadable = false;  // what stands at `end` could not be read
  };

  Position first_unshipped() const;
  void go_to(Position position);
  bool ask_new_rings();
  bool ask(std::uint64_t ring_id);
  bool settle(std::uint64_t ring_id, ShipState state, std::uint64_t through);
  bool send_due_counts();
  bool pass_gaps_before_counts(const Round& round);
  Round collect();
  Result<void> read_segment(Round& round, const Segment& segment);
  bool take_item(Round& round, const SegmentReader::Item& item);
  bool add_record(Round& round, const core::LoggedRecord& one);
  enum class Fate : std::uint8_t { wanted, not_wanted, blocked };
  Fate fate_of(RingPart& part, std::uint64_t ring_id, std::uint64_t sequence);
  RingPart* ring_part(Round& round, const core::LoggedRecord& one);
  void note_damage(const Position& at, std::uint64_t bytes);
  bool send(ports::RecordBatch& batch);
  bool submit(ports::RecordBatch& batch, const Reserve::Range& range);
  void add_names(ports::RecordBatch& batch) const;
  void add_names(ports::RecordBatch& batch, core::NameKind kind, core::NameRef core::DecisionRecord::* ref) const;
  bool finish_segments(Round& round);
  void delete_old();
  bool shed(const Segment& segment);
  enum class Loss : std::uint8_t { damage, no_room };
  bool give_up(const Segment& segment, Loss why);
  bool give_up(const core::RingPosition& end, Loss why);
  void note_unreadable();
  Millis back_off();

  Io& io_;
  SegmentSet& segments_;
  RingBook& book_;
  Reserve& reserve_;
  SegmentShedder segment_shedder_;
  NameTable& names_;
  ports::UsageIngest& ingest_;
  const ShipperOptions options_;

  Position position_;
  std::optional<SegmentReader> reader_;
  std::uint64_t reader_segment_ = 0;
  Position damage_noted_;  // the furthest; a round that is read again finds it again
  std::set<std::uint64_t> asked_;
  std::uint32_t failures_in_a_row_ = 0;
  Position unreadable_at_;           // where the last read error was
  std::uint32_t read_attempts_ = 0;  // that failed there
  std::atomic<std::uint64_t> failures_{0}, read_failures_{0}, damaged_places_{0};
  std::atomic<bool> caught_up_{false};
};

}  // namespace tollgate::stores
