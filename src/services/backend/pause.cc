#include "services/backend/pause.h"

#include <algorithm>

namespace tollgate::services {

Task<void> pause(http::Exchange& exchange, Millis duration) {
  constexpr Nanos kStep = Millis(100);
  const MonoTime end = exchange.loop().now() + duration;
  while (!exchange.killed()) {
    const Nanos left = end - exchange.loop().now();
    if (left <= Nanos(0)) co_return;
    co_await exchange.loop().sleep(std::min(left, kStep));
  }
}

}  // namespace tollgate::services
