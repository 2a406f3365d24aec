// Which of the five services this process runs.
#pragma once

#include "config/load.h"

namespace tollgate::cli {

struct ServiceSet {
  bool gateway = false;
  bool backend = false;
  bool limiter = false;
  bool analytics = false;
  bool admin = false;

  static ServiceSet of(config::Service service) {
    const bool all = service == config::Service::all;
    return {.gateway = all || service == config::Service::gateway,
            .backend = all || service == config::Service::backend,
            .limiter = all || service == config::Service::limiter,
            .analytics = all || service == config::Service::analytics,
            .admin = all || service == config::Service::admin};
  }
};

}  // namespace tollgate::cli
