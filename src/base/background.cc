#include "base/background.h"

#include <pthread.h>
#include <sched.h>

namespace tollgate {

void run_in_background(const char* name) noexcept {
  ::pthread_setname_np(::pthread_self(), name);
  const sched_param no_priority{};
  ::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &no_priority);
}

}  // namespace tollgate
