// One worker's records on their way to the log: a ring in a MAP_SHARED file, so that they outlive the process, however
// it ends. One thread appends, one thread takes out.
//
// Sequences count the ring's records since it was made and go on over restarts; with the ring's random id they name a
// record for ever. What was not taken out is found again at the next open. Memory order: a slot is complete before the
// head that covers it is stored, so that a half-written record is never seen.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/io.h"
#include "core/usage/decision_record.h"
#include "ports/decision_log.h"

namespace tollgate::stores {

// How far analytics has a ring.
struct ShipState {
  std::uint64_t cursor = 0;       // every sequence below is committed there, or lost
  std::uint64_t lost = 0;         // of those, lost on the way; all from acked to cursor are
  std::uint64_t given_up = 0;     // of the lost, those for lack of room
  std::uint64_t aggregated = 0;   // of those below cursor, committed as counts only
  std::uint64_t acked = 0;        // what analytics last said it had
  std::uint64_t declared = 0;     // when above acked: a batch that began here said that all from acked to here is lost
  std::uint64_t sent = 0;         // when above acked: a batch that ends here was sent, and may have been stored
  std::uint64_t sent_counts = 0;  // 1: that was counts, not records

  // Analytics says it has everything below `through` ≥ acked.
  void acknowledge(std::uint64_t through);
  bool operator==(const ShipState&) const = default;
};

class Ring final : public ports::DecisionSink {
 public:
  static constexpr std::uint32_t kCapacity = 65'536;  // 8 MiB; 3 s of a worker at 20,000 requests/s

  // Opens the ring or makes it, with all of its disk space. A file that is no ring is put aside as <path>.damaged.
  // Without space for a new one it is made in memory: is_in_memory(). `capacity` counts for new files only; a power of
  // two. Errors: data_dir_unusable.
  static Result<std::unique_ptr<Ring>> open(Io& io, const std::string& path, std::uint32_t capacity = kCapacity);
  ~Ring() override;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  // The worker's side. ~15 ns.
  void append(core::DecisionRecord& record) noexcept override;

  // The writer's side. head() and dropped() may be asked from any thread.
  std::uint64_t head() const;  // one past the newest record
  std::uint64_t tail() const;  // the oldest record that was not released
  std::uint64_t dropped() const;
  // The record of this sequence, tail() … head()-1; null when a power cut took it.
  const core::DecisionRecord* at(std::uint64_t sequence) const;
  // Records below `sequence` are safe elsewhere: their slots may be overwritten.
  void release(std::uint64_t sequence);

  // Before the worker starts: takes up what segments say. Every sequence below `durable_end` is in a segment or
  // shipped.
  void reconcile(std::uint64_t durable_end);

  // What is known of it is on the disk when this returns true. Not on any path that is in a hurry.
  bool sync();

  // Nothing in it is needed any more. Asked after reconcile().
  bool is_shipped() const { return tail() == head() && ship_state().cursor == head(); }

  std::uint64_t id() const;
  std::uint64_t capacity() const { return capacity_; }
  // A kill takes what was not released, and nobody can count it.
  bool is_in_memory() const { return !file_; }
  // Kept with the ring; stored so that a kill leaves the old state or the new.
  ShipState ship_state() const;
  void save_ship_state(const ShipState& state);

 private:
  struct Header;
  Ring(Io& io, UniqueFd file, void* mapping, std::size_t bytes);
  static Result<std::unique_ptr<Ring>> make_in_memory(Io& io, std::uint32_t capacity);

  Io& io_;
  UniqueFd file_;  // none in memory
  Header& header_;
  core::DecisionRecord* slots_;
  std::size_t mapped_bytes_;
  std::uint64_t capacity_;
  std::uint64_t tail_seen_ = 0;  // the worker's copy, so that it rarely touches the writer's cache line
};

}  // namespace tollgate::stores
