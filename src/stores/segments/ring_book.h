// The rings whose records are in the log, and how far each has been shipped. Most belong to a worker of this process;
// some are only known from segments: their file is gone, or there were more workers once.
//
// Thread safety: all methods from any thread, but rings() and add(); one thread ships.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/usage/frames.h"
#include "ports/decision_log.h"
#include "stores/segments/reserve.h"
#include "stores/segments/ring.h"

namespace tollgate::stores {

class RingBook {
 public:
  void add(std::unique_ptr<Ring> ring);
  // One whose file is not needed any more: it counts for what it was.
  void add_former(const Ring& ring);
  // A ring without a file, of which `first` is the oldest sequence that segments have.
  void add_stray(std::uint64_t ring_id, std::uint64_t first);
  // Its sequences below `end` are known to have existed. Nothing for rings with a file.
  void extend_stray(std::uint64_t ring_id, std::uint64_t end);

  // For set-up and the thread that writes.
  const std::vector<std::unique_ptr<Ring>>& rings() const { return rings_; }
  std::vector<std::uint64_t> ids() const;
  bool knows(std::uint64_t ring_id) const;
  // Where each ring without a file ends, for the head of a new segment.
  std::vector<core::RingPosition> stray_ends() const;

  ShipState ship_state(std::uint64_t ring_id) const;
  // `state.cursor` is cut to what the ring has produced, what is lost or aggregated to the cursor: the sums in
  // counters() stay true.
  void set_ship_state(std::uint64_t ring_id, const ShipState& state);
  // The same, for counts that have left the reserve with it.
  void settle(std::uint64_t ring_id, const ShipState& state, const ReserveSum& counts);
  // Counts that go to the reserve. Nothing when the ring is not known.
  void hold(std::uint64_t ring_id, const ReserveSum& counts);
  void unhold(std::uint64_t ring_id, const ReserveSum& counts);
  // Records from here on are in the ring alone; no end for a ring without a file.
  std::uint64_t tail(std::uint64_t ring_id) const;

  // How far each ring got is on the disk when this returns true, whatever segments say.
  bool sync_rings();
  bool sync_ring(std::uint64_t ring_id);

  // Records that are in rings alone.
  std::uint64_t in_rings() const;
  ports::LogCounters counters() const;

 private:
  struct Entry {
    Ring* ring = nullptr;
    // Without a file only:
    std::uint64_t begin = 0;  // nothing is known of sequences below
    std::uint64_t end = 0;
    std::uint64_t dropped = 0;
    ShipState ship;
    ReserveSum held;  // in the reserve
    std::uint64_t head() const { return ring != nullptr ? ring->head() : end; }
  };

  void set(Entry& entry, ShipState state);

  std::vector<std::unique_ptr<Ring>> rings_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Entry> entries_;
};

}  // namespace tollgate::stores
