// What this process costs: for the dashboard.
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <mutex>

#include "base/clock.h"

namespace tollgate::services {

struct ProcessStats {
  double cpu = 0;  // cores busy, mean since the sample before
  std::uint64_t memory_bytes = 0;
  std::int64_t uptime_seconds = 0;
};

class ProcessSampler {
 public:
  explicit ProcessSampler(const Clock& clock);
  // CPU is measured over at least a second: asked sooner, it repeats the figure from before.
  ProcessStats sample();

 private:
  const Clock& clock_;
  const MonoTime started_;
  std::mutex mutex_;
  MonoTime sampled_;
  double cpu_seconds_;
  double cpu_ = 0;
};

}  // namespace tollgate::services
