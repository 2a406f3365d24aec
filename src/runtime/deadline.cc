#include "runtime/deadline.h"

#include <algorithm>
#include <utility>

namespace tollgate::runtime {
namespace {

constexpr std::int64_t tick_of(MonoTime time) {
  return time.time_since_epoch() / std::chrono::duration_cast<Nanos>(DeadlineWheel::kTick);
}

}  // namespace

void Deadline::unlink() {
  if (previous_next_ == nullptr) return;
  *previous_next_ = next_;
  if (next_ != nullptr) next_->previous_next_ = previous_next_;
  next_ = nullptr;
  previous_next_ = nullptr;
  --wheel_->linked_;
}

void DeadlineWheel::arm(Deadline& deadline, MonoTime at) {
  deadline.at_ = at;
  deadline.armed_ = true;
  if (deadline.previous_next_ != nullptr && deadline.slot_time_ <= at) return;  // the wheel will look in time
  deadline.unlink();
  link(deadline, at);
}

void DeadlineWheel::link(Deadline& deadline, MonoTime at) {
  // At least one tick ahead and at most one turn: a slot is only ever visited for its own tick.
  const std::int64_t tick =
      std::clamp<std::int64_t>(tick_of(at) + 1, tick_ + 1, tick_ + static_cast<std::int64_t>(kSlots) - 1);
  Deadline*& head = slots_[static_cast<std::size_t>(tick) % kSlots];
  deadline.slot_time_ = MonoTime(kTick * tick);
  deadline.next_ = head;
  deadline.previous_next_ = &head;
  if (head != nullptr) head->previous_next_ = &deadline.next_;
  head = &deadline;
  deadline.wheel_ = this;
  ++linked_;
}

void DeadlineWheel::advance(MonoTime now) {
  const std::int64_t target = tick_of(now);
  // After a long sleep one turn visits every slot; more turns would find nothing new.
  if (target - tick_ > static_cast<std::int64_t>(kSlots)) tick_ = target - static_cast<std::int64_t>(kSlots);
  while (tick_ < target) {
    ++tick_;
    Deadline* due = nullptr;
    Deadline*& head = slots_[static_cast<std::size_t>(tick_) % kSlots];
    // Moved to a list of its own, so that callbacks may arm, disarm and destroy any deadline meanwhile.
    due = std::exchange(head, nullptr);
    if (due != nullptr) due->previous_next_ = &due;
    while (due != nullptr) {
      Deadline& deadline = *due;
      deadline.unlink();
      if (!deadline.armed_) continue;
      if (deadline.at_ > now) {
        link(deadline, deadline.at_);
        continue;
      }
      deadline.armed_ = false;
      deadline.on_deadline();
    }
  }
}

}  // namespace tollgate::runtime
