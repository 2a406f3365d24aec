#include "stores/segments/ring_book.h"

#include <algorithm>
#include <limits>

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

void RingBook::set_ship_state(std::uint64_t ring_id, const ShipState& state) {
  const std::scoped_lock lock(mutex_);
  set(entries_.at(ring_id), state);
}

void RingBook::settle(std::uint64_t ring_id, const ShipState& state, const ReserveSum& counts) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_.at(ring_id);
  entry.held -= counts;
  set(entry, state);
}

void RingBook::set(Entry& entry, ShipState state) {
  state.cursor = std::clamp(state.cursor, entry.begin, std::max(entry.begin, entry.head()));
  const std::uint64_t passed = state.cursor - entry.begin;
  state.lost = std::min(state.lost, passed);
  state.given_up = std::min(state.given_up, state.lost);
  state.aggregated = std::min(state.aggregated, passed - state.lost);
  entry.ship = state;
  if (entry.ring != nullptr) entry.ring->save_ship_state(state);
}

void RingBook::hold(std::uint64_t ring_id, const ReserveSum& counts) {
  const std::scoped_lock lock(mutex_);
  if (const auto at = entries_.find(ring_id); at != entries_.end()) at->second.held += counts;
}

void RingBook::unhold(std::uint64_t ring_id, const ReserveSum& counts) {
  const std::scoped_lock lock(mutex_);
  if (const auto at = entries_.find(ring_id); at != entries_.end()) at->second.held -= counts;
}

std::uint64_t RingBook::tail(std::uint64_t ring_id) const {
  const std::scoped_lock lock(mutex_);
  const auto at = entries_.find(ring_id);
  if (at == entries_.end() || at->second.ring == nullptr) return std::numeric_limits<std::uint64_t>::max();
  return at->second.ring->tail();
}

bool RingBook::sync_rings() {
  return std::ranges::all_of(ids(), [this](std::uint64_t ring_id) { return sync_ring(ring_id); });
}

bool RingBook::sync_ring(std::uint64_t ring_id) {
  Ring* ring = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    ring = entries_.at(ring_id).ring;  // it stays as long as the book
  }
  return ring == nullptr || ring->sync();
}

std::uint64_t RingBook::in_rings() const {
  const std::scoped_lock lock(mutex_);
  std::uint64_t records = 0;
  for (const auto& [id, entry] : entries_) {
    if (entry.ring == nullptr) continue;
    const std::uint64_t tail = entry.ring->tail();
    records += entry.ring->head() - tail;
  }
  return records;
}

ports::LogCounters RingBook::counters() const {
  const std::scoped_lock lock(mutex_);
  ports::LogCounters sum;
  for (const auto& [id, entry] : entries_) {
    // The cursor was read first (it is behind the lock), so that the head, which only grows, is not behind it.
    const std::uint64_t head = entry.head();
    const std::uint64_t dropped = entry.ring != nullptr ? entry.ring->dropped() : entry.dropped;
    const ShipState& ship = entry.ship;
    sum.produced += head - entry.begin + dropped;
    sum.stored += ship.cursor - entry.begin - ship.lost - ship.aggregated;
    sum.spooled += head - ship.cursor - entry.held.lost;
    sum.aggregated += ship.aggregated;
    sum.dropped += dropped + ship.lost + entry.held.lost;
    sum.spooled_counts += entry.held.records;
    sum.dropped_no_room += dropped + ship.given_up + entry.held.given_up;
  }
  return sum;
}

}  // namespace tollgate::stores
