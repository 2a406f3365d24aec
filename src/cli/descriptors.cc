#include "cli/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace tollgate::cli {
namespace {

// Loops, listeners, databases, segments, and look-ups while they run; of a small limit a quarter.
constexpr std::uint64_t kOwnDescriptors = 256;

std::uint64_t thirty_seconds(ConnectionsOf whose) {
  switch (whose) {
    case ConnectionsOf::gateway: return 18;
    case ConnectionsOf::backend: return 4;
    case ConnectionsOf::alone: return 28;
    case ConnectionsOf::other: break;
  }
  return 1;
}

}  // namespace

std::uint64_t descriptor_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1'024;
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);  // fails for a hard limit above the system's own: the soft one stays
  }
  return descriptor_limit();
}

std::uint32_t connections_within(std::uint64_t descriptors, ConnectionsOf whose) {
  const std::uint64_t shared = std::min<std::uint64_t>(descriptors, std::numeric_limits<std::uint32_t>::max());
  const std::uint64_t free = shared - std::min(kOwnDescriptors, shared / 4);
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, free * thirty_seconds(whose) / 32));
}

std::uint64_t descriptors_for(std::uint32_t connections, ConnectionsOf whose) {
  const std::uint64_t share = thirty_seconds(whose);
  return kOwnDescriptors + (connections * std::uint64_t{32} + share - 1) / share;
}

}  // namespace tollgate::cli
