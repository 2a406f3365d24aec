// A port that answers nothing: its queue is full, so that a connect() waits until somebody loses patience.
#pragma once

#include <cstdint>
#include <vector>

#include "base/file.h"

namespace tollgate::testing {

class FullListener {
 public:
  FullListener();
  std::uint16_t port() const { return port_; }

 private:
  UniqueFd listener_;
  std::vector<UniqueFd> waiting_;  // in the queue
  std::uint16_t port_ = 0;
};

}  // namespace tollgate::testing
