#include "stores/remote/breaker.h"

#include <algorithm>

namespace tollgate::stores {

void Breaker::call_succeeded() {
  failures_ = 0;
  open_ = false;
  wait_ = Nanos{0};
}

void Breaker::call_failed(MonoTime now, std::uint64_t random) {
  ++failures_;
  if (open_ || failures_ < options_.failures_to_open) return;
  open_ = true;
  ++opened_;
  plan_probe(now, random);
}

// Half of the wait is fixed, half is random.
void Breaker::plan_probe(MonoTime now, std::uint64_t random) {
  wait_ = std::clamp(2 * wait_, options_.wait_min, options_.wait_max);
  const Nanos half = wait_ / 2;
  probe_at_ = now + half + Nanos(static_cast<std::int64_t>(random % static_cast<std::uint64_t>(half.count() + 1)));
}

bool Breaker::start_probe(MonoTime now) {
  if (!open_ || probing_ || now < probe_at_) return false;
  probing_ = true;
  return true;
}

void Breaker::probe_succeeded() {
  probing_ = false;
  open_ = false;
  // The wait is kept, too: a peer that answers probes and nothing else is asked less and less often.
  failures_ = options_.failures_to_open - 1;
}

void Breaker::probe_failed(MonoTime now, std::uint64_t random) {
  probing_ = false;
  if (open_) plan_probe(now, random);
}

}  // namespace tollgate::stores
