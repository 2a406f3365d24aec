// The tables post, event_id, event_ring and unconfirmed_post: which events of programs outside have been counted, and
// which of them may not be in the request log yet.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

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
  // Keeps a batch of that ring until forget_below() says that it is kept elsewhere.
  Result<void> keep(const core::RecordBatch& batch);
  Result<void> forget_below(std::uint64_t sequence);
  // Oldest first.
  Result<std::vector<core::RecordBatch>> kept();
  // Some whose time is over; returns how many.
  Result<std::uint64_t> forget(WallTime now);

 private:
  struct Statements {
    Statement find;
    Statement note;
    Statement note_event;
    Statement forget_posts;
    Statement forget_events;
    Statement keep;
    Statement forget_below;
    Statement kept;
  };
  UsagePosts(Statements statements, std::uint64_t ring_id) : statements_(std::move(statements)), ring_id_(ring_id) {}

  Statements statements_;
  std::uint64_t ring_id_;
};

}  // namespace tollgate::stores
