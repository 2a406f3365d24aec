// A listening socket on a free loopback port.
#pragma once

#include <cstdint>

#include "base/file.h"

namespace tollgate::testing {

struct LoopbackListener {
  UniqueFd fd;
  std::uint16_t port = 0;
};
LoopbackListener listen_on_loopback(int backlog);

}  // namespace tollgate::testing
