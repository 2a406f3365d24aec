// Asks each service whether it is ready (/readyz), all at once, and remembers the answers for a second.
// Thread safety: any loop.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "runtime/event_loop.h"

namespace tollgate::services {

struct ServiceAddress {
  std::string name;
  std::string url;  // "http://127.0.0.1:3000"
  // An API that need not know our paths: any answer but a failure of its own (5xx) is a good one.
  bool foreign = false;
};

struct ServiceHealth {
  std::string name;
  std::string url;
  std::string status;  // "up", "unhealthy" (it answers, but cannot do its work), "down"
  double latency_ms = 0;
};

class HealthProbe {
 public:
  static constexpr Seconds kDeadline{1};
  static constexpr Seconds kRemembered{1};

  // The addresses are asked for each time: with port 0 they are known only after the services have started.
  HealthProbe(std::function<std::vector<ServiceAddress>()> services, const Clock& clock)
      : services_(std::move(services)), clock_(clock) {}

  Task<std::vector<ServiceHealth>> ask(runtime::EventLoop& loop);

 private:
  struct Asked {
    ServiceHealth health;
    bool foreign = false;
  };
  static Task<void> ask_one(runtime::EventLoop& loop, Asked& asked);

  std::function<std::vector<ServiceAddress>()> services_;
  const Clock& clock_;
  std::mutex mutex_;
  std::vector<ServiceHealth> last_;
  MonoTime asked_{};
};

}  // namespace tollgate::services
