// The tables post, event_id and event_ring: which events of programs outside have been counted.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "ports/event_posts.h"
#include "stores/sqlite/database.h"

namespace tollgate::stores {

// Thread safety: as the connection it was made from. Each method belongs into the transaction that counts the events.
class UsagePosts {
 public:
  static Result<UsagePosts> open(Database& database);

  // How many events the post with this mark had; nothing when there was none, or it is forgotten. conflict when it had
  // other events.
  Result<std::optional<std::uint64_t>> find(const ports::PostMark& mark, WallTime now);
  Result<void> note(const ports::PostMark& mark, std::uint64_t events, WallTime now);
  // False: an event of this id has been counted before.
  Result<bool> note_event(const ports::EventId& id, WallTime now);
  std::uint64_t ring_id() const { return ring_id_; }
  // Some whose time is over; returns how many.
  Result<std::uint64_t> forget(WallTime now);

 private:
  struct Statements {
    Statement find;
    Statement note;
    Statement note_event;
    Statement forget_posts;
    Statement forget_events;
  };
  UsagePosts(Statements statements, std::uint64_t ring_id) : statements_(std::move(statements)), ring_id_(ring_id) {}

  Statements statements_;
  std::uint64_t ring_id_;
};

}  // namespace tollgate::stores
