// Deadlines for thousands of connections at the price of a store each: a hashed wheel with a coarse tick. Moving a
// deadline later writes one number; the wheel notices when it gets there.
//
// Thread safety: none; one wheel per event loop.
#pragma once

#include <array>
#include <cstddef>

#include "base/clock.h"

namespace tollgate::runtime {

class DeadlineWheel;

// Something that happens at a time unless it is moved or disarmed. Derive and implement on_deadline().
// The object may be destroyed at any time; a destroyed deadline never fires.
class Deadline {
 public:
  Deadline() = default;
  virtual ~Deadline() { unlink(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool armed() const { return armed_; }
  void disarm() { armed_ = false; }  // stays in the wheel until its slot comes by: no cost now

 protected:
  virtual void on_deadline() = 0;

 private:
  friend class DeadlineWheel;
  void unlink();

  DeadlineWheel* wheel_ = nullptr;
  Deadline* next_ = nullptr;
  Deadline** previous_next_ = nullptr;  // null: in no slot
  MonoTime at_{};
  MonoTime slot_time_{};
  bool armed_ = false;
};

class DeadlineWheel {
 public:
  static constexpr Millis kTick{20};

  // Fires no earlier than `at` and at most a tick (and the loop's own delay) later.
  void arm(Deadline& deadline, MonoTime at);
  // Fires what is due. Called once a tick by the loop.
  void advance(MonoTime now);
  // When to call it next. Ticks are at whole multiples of kTick: a deadline waits for the next of them, not for two.
  MonoTime next_tick() const { return MonoTime(kTick * (tick_ + 1)); }
  // Holds nothing: the loop need not tick.
  bool empty() const { return linked_ == 0; }

 private:
  static constexpr std::size_t kSlots = 512;  // 10 s; later deadlines go round again
  friend class Deadline;
  void link(Deadline& deadline, MonoTime at);

  std::array<Deadline*, kSlots> slots_{};
  std::int64_t tick_ = 0;  // the last tick that was processed
  std::size_t linked_ = 0;
};

}  // namespace tollgate::runtime
