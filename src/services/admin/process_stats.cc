#include "services/admin/process_stats.h"

#include "telemetry/process_usage.h"

namespace tollgate::services {

ProcessSampler::ProcessSampler(const Clock& clock)
    : clock_(clock),
      started_(clock.mono_now()),
      sampled_(started_),
      cpu_seconds_(telemetry::process_usage().cpu_seconds) {}

ProcessStats ProcessSampler::sample() {
  const telemetry::ProcessUsage usage = telemetry::process_usage();
  const MonoTime now = clock_.mono_now();
  const std::lock_guard lock(mutex_);
  if (now - sampled_ >= Seconds(1)) {
    cpu_ = (usage.cpu_seconds - cpu_seconds_) / std::chrono::duration<double>(now - sampled_).count();
    cpu_seconds_ = usage.cpu_seconds;
    sampled_ = now;
  }
  return {.cpu = cpu_,
          .memory_bytes = usage.resident_bytes,
          .uptime_seconds = std::chrono::floor<Seconds>(now - started_).count()};
}

}  // namespace tollgate::services
