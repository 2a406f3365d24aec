#include "crypto/gate.h"

namespace tollgate::crypto {

Result<Gate::Ticket> Gate::enter() {
  std::unique_lock lock(mutex_);
  if (inside_ == size_.inside) {
    if (waiting_ == size_.waiting) return fail(codes::busy, "all places and the whole queue are taken");
    ++waiting_;
    place_free_.wait(lock, [this] { return inside_ < size_.inside; });
    --waiting_;
  }
  ++inside_;
  return Ticket(*this);
}

void Gate::leave() {
  {
    const std::lock_guard lock(mutex_);
    --inside_;
  }
  place_free_.notify_one();
}

std::size_t Gate::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

}  // namespace tollgate::crypto
