// Takes records out of the rings and makes them durable in segments. One thread calls step() every few milliseconds; a
// step without records costs two loads per ring.
//
// A record leaves its ring only after fdatasync. A full disk costs shipped segments first, whatever is to be kept of
// them; without such, it keeps records in the rings until there is space again. Of a ring that is half full meanwhile
// the older records become counts in the reserve; only when that is full too does the ring fill, and its worker drops
// and counts. After a failed sync the segment is given up, and what it had not confirmed is written again, to a new
// one; readers know records by ring and sequence, so nothing counts twice.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/io.h"
#include "stores/segments/name_table.h"
#include "stores/segments/ring_book.h"
#include "stores/segments/segment_names.h"
#include "stores/segments/segment_set.h"
#include "stores/segments/segment_writer.h"
#include "stores/segments/shedder.h"

namespace tollgate::stores {

struct LogWriterOptions {
  std::uint64_t segment_bytes_max = 64u << 20;
  Seconds segment_age_max{3600};
  // From a write to its sync; with the wait for the writer, what a power cut may take. At zero each write is synced.
  Millis commit_interval{0};
  Millis retry_interval{100};  // after a failed write
  Millis shed_interval{1000};  // after counts that the reserve did not take
};

// Thread safety: step() and add_ring() from one thread; the rest from any.
class LogWriter {
 public:
  enum class Commit : std::uint8_t { when_due, now };

  LogWriter(Io& io, SegmentSet& segments, RingBook& book, Shedder& shedder, const NameTable& names,
            LogWriterOptions options)
      : io_(io), segments_(segments), book_(book), shedder_(shedder), segment_names_(names), options_(options) {}
  // `next_number` is beyond every segment that exists. Once, before the first step().
  void begin(std::uint64_t next_number);

  // Writes what the rings hold, and syncs when that is due. True: all that was in the rings at the call is durable.
  bool step(MonoTime now, Commit commit = Commit::when_due);

  // Takes records out of the newest ring of the book too.
  void add_ring();

  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }
  // The last attempt to write failed: what comes in waits in the rings.
  bool is_refused() const { return refused_.load(std::memory_order_relaxed); }
  // Records that became counts.
  std::uint64_t shed_records() const { return shed_records_.load(std::memory_order_relaxed); }

 private:
  bool ready_to_write(MonoTime now);
  WriteResult begin_segment(MonoTime now);
  WriteResult write_ring(std::size_t index, std::uint64_t head);
  // To buffer_: what names they need, then one frame.
  void append_records(const Ring& ring, std::uint64_t first, std::uint64_t end);
  WriteResult commit();
  void seal();
  void note_failure(WriteFault fault, MonoTime now);
  bool make_room();
  void seal_for_room();
  void shed(MonoTime now);
  void shed_ring(std::size_t index, std::vector<Shedder::Part>& parts) const;
  std::vector<core::RingPosition> positions(const std::vector<std::uint64_t>& of) const;

  Io& io_;
  SegmentSet& segments_;
  RingBook& book_;
  Shedder& shedder_;
  SegmentNames segment_names_;
  const LogWriterOptions options_;

  std::optional<SegmentWriter> segment_;
  std::uint64_t number_ = 0;  // of segment_
  std::uint64_t next_number_ = 1;
  MonoTime segment_begun_{};
  std::vector<std::uint64_t> written_;    // per ring: the next sequence to write
  std::vector<std::uint64_t> confirmed_;  // per ring: durable below this
  MonoTime oldest_unsynced_{};
  MonoTime retry_at_{};
  MonoTime shed_at_{};  // after an attempt that failed
  std::string buffer_;
  std::vector<core::DecisionRecord> frame_;
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> shed_records_{0};
  std::atomic<bool> refused_{false};
};

}  // namespace tollgate::stores
