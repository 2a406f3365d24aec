#include "stores/segments/ring_book.h"

#include <algorithm>

namespace tollgate::stores {

void RingBook::add(std::unique_ptr<Ring> ring) {
  const std::scoped_lock lock(mutex_);
  entries_[ring->id()] = {.ring = ring.get(), .ship = ring->ship_state()};
  rings_.push_back(std::move(ring));
}

void RingBook::add_former(const Ring& ring) {
  const std::scoped_lock lock(mutex_);
  entries_[ring.id()] = {.end = ring.head(), .dropped = ring.dropped(), .ship = ring.ship_state()};
}

void RingBook::add_stray(std::uint64_t ring_id, std::uint64_t first) {
  const std::scoped_lock lock(mutex_);
  const Entry stray{.begin = first, .end = first, .ship = {.cursor = first}};
  entries_.try_emplace(ring_id, stray);
}

void RingBook::extend_stray(std::uint64_t ring_id, std::uint64_t end) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_.at(ring_id);
  if (entry.ring == nullptr) entry.end = std::max(entry.end, end);
}

std::vector<std::uint64_t> RingBook::ids() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::uint64_t> ids;
  for (const auto& [id, entry] : entries_) ids.push_back(id);
  return ids;
}

bool RingBook::knows(std::uint64_t ring_id) const {
  const std::scoped_lock lock(mutex_);
  return entries_.contains(ring_id);
}

std::vector<core::RingPosition> RingBook::stray_ends() const {
  const std::scoped_lock lock(mutex_);
  std::vector<core::RingPosition> ends;
  for (const auto& [id, entry] : entries_) {
    if (entry.ring == nullptr) ends.push_back({id, entry.end});
  }
  return ends;
}

ShipState RingBook::ship_state(std::uint64_t ring_id) const {
  const std::scoped_lock lock(mutex_);
  return entries_.at(ring_id).ship;
}

void RingBook::set_ship_state(std::uint64_t ring_id, ShipState state) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_.at(ring_id);
  state.cursor = std::clamp(state.cursor, entry.begin, std::max(entry.begin, entry.head()));
  state.lost = std::min(state.lost, state.cursor - entry.begin);
  entry.ship = state;
  if (entry.ring != nullptr) entry.ring->save_ship_state(state);
}

ports::LogCounters RingBook::counters() const {
  const std::scoped_lock lock(mutex_);
  ports::LogCounters sum;
  for (const auto& [id, entry] : entries_) {
    // The cursor was read first (it is behind the lock), so that the head, which only grows, is not behind it.
    const std::uint64_t head = entry.head();
    const std::uint64_t dropped = entry.ring != nullptr ? entry.ring->dropped() : entry.dropped;
    sum.produced += head - entry.begin + dropped;
    sum.stored += entry.ship.cursor - entry.begin - entry.ship.lost;
    sum.spooled += head - entry.ship.cursor;
    sum.dropped += dropped + entry.ship.lost;
  }
  return sum;
}

}  // namespace tollgate::stores
