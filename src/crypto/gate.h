// Lets a few threads at a time do something expensive, a few more wait for their turn, and turns the rest away at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

#include "base/error.h"

namespace tollgate::crypto {

struct GateSize {
  std::size_t inside = 2;
  std::size_t waiting = 16;
};

// Thread safety: all methods from any thread. Must outlive its tickets.
class Gate {
 public:
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Ticket& operator=(Ticket&&) = delete;
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket() {
      if (gate_ != nullptr) gate_->leave();
    }

   private:
    friend class Gate;
    explicit Ticket(Gate& gate) : gate_(&gate) {}
    Gate* gate_;
  };

  explicit Gate(GateSize size) : size_(size) {}

  // Blocks while all places inside are taken. Fails with busy, without waiting, when the queue is full too.
  Result<Ticket> enter();
  std::size_t waiting() const;

 private:
  void leave();

  const GateSize size_;
  mutable std::mutex mutex_;
  std::condition_variable place_free_;
  std::size_t inside_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace tollgate::crypto
