#include "telemetry/metrics.h"
#include "telemetry/process_usage.h"

namespace tollgate::telemetry {

void add_process_metrics(Registry& registry) {
  registry.gauge("process_resident_memory_bytes", "Memory in RAM.", {},
                 [] { return static_cast<double>(process_usage().resident_bytes); });
  registry.gauge("process_virtual_memory_bytes", "Address space in use.", {},
                 [] { return static_cast<double>(process_usage().virtual_bytes); });
  registry.gauge("process_open_fds", "Open file descriptors.", {},
                 [] { return static_cast<double>(process_usage().open_descriptors); });
  registry.gauge("process_max_fds", "How many file descriptors may be open.", {},
                 [] { return static_cast<double>(process_usage().max_descriptors); });
  registry.counter("process_cpu_seconds_total", "User and system CPU time of all threads.", {},
                   [] { return process_usage().cpu_seconds; });
  registry.gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.", {},
                 [] { return std::chrono::duration<double>(process_usage().started.time_since_epoch()).count(); });
}

}  // namespace tollgate::telemetry
