// The rings whose records are in the log, and how far each has been shipped. Most belong to a worker of this process;
// some are only known from segments: their file is gone, or there were more workers once.
//
// Thread safety: all methods from any thread after set-up; one thread ships.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/usage/frames.h"
#include "ports/decision_log.h"
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

  const std::vector<std::unique_ptr<Ring>>& rings() const { return rings_; }  // fixed after set-up
  std::vector<std::uint64_t> ids() const;
  bool knows(std::uint64_t ring_id) const;
  // Where each ring without a file ends, for the head of a new segment.
  std::vector<core::RingPosition> stray_ends() const;

  ShipState ship_state(std::uint64_t ring_id) const;
  // `state.cursor` is cut to what the ring has produced, `state.lost` to the cursor: the sums in counters() stay true.
  void set_ship_state(std::uint64_t ring_id, ShipState state);

  ports::LogCounters counters() const;

 private:
  struct Entry {
    Ring* ring = nullptr;
    // Without a file only:
    std::uint64_t begin = 0;  // nothing is known of sequences below
    std::uint64_t end = 0;
    std::uint64_t dropped = 0;
    ShipState ship;
    std::uint64_t head() const { return ring != nullptr ? ring->head() : end; }
  };

  std::vector<std::unique_ptr<Ring>> rings_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Entry> entries_;
};

}  // namespace tollgate::stores
