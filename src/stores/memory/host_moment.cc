#include "stores/memory/host_moment.h"

#include <time.h>

#include <algorithm>

#include "base/file.h"

namespace tollgate::stores {

HostMoment read_host_moment() {
  HostMoment moment;
  const auto boot = read_file("/proc/sys/kernel/random/boot_id", 4096);
  if (boot && boot->size() >= moment.boot.size()) std::copy_n(boot->begin(), moment.boot.size(), moment.boot.begin());
  timespec since_boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  moment.since_boot = Seconds(since_boot.tv_sec) + Nanos(since_boot.tv_nsec);
  moment.wall = SystemClock().wall_now();
  return moment;
}

}  // namespace tollgate::stores
