// A port that answers nothing: its queue is full, so that a connect() waits until somebody loses patience.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/loopback_listener.h"

namespace tollgate::testing {

class FullListener {
 public:
  FullListener();
  std::uint16_t port() const { return listener_.port; }

 private:
  LoopbackListener listener_;
  std::vector<UniqueFd> waiting_;  // in the queue
};

}  // namespace tollgate::testing
