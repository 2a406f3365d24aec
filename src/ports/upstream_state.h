// What a gateway knows of the servers behind it, from its own connections to them: nobody is asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace tollgate::ports {

struct UpstreamState {
  std::string url;                  // "http://orders:8080"
  std::vector<std::string> routes;  // that go there
  // Of any worker's newest attempts; nothing when there was none.
  std::optional<Nanos> connected_ago, refused_ago;

  // Whether the last attempt to connect succeeded. Nothing when nobody has tried.
  std::optional<bool> is_healthy() const {
    if (!connected_ago && !refused_ago) return std::nullopt;
    return !refused_ago || (connected_ago && *connected_ago < *refused_ago);
  }
};

}  // namespace tollgate::ports
