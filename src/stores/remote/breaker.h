// When to stop asking a peer that does not answer, and when to try again.
//
// Closed until some failures in a row. Then open: one probe at a time, first after 50 ms, then after waits that double
// up to 5 s, half of each random so that gateways do not come back together. After a probe that worked it is closed,
// but the next failure opens it at once, until some call has worked.
//
// Pure: `now` and randomness are arguments. Thread safety: none.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace tollgate::stores {

struct BreakerOptions {
  std::uint32_t failures_to_open = 3;
  Nanos wait_min = Millis(50);
  Nanos wait_max = Millis(5000);
};

class Breaker {
 public:
  explicit Breaker(BreakerOptions options = {}) : options_(options) {}

  bool open() const { return open_; }
  std::uint64_t opened() const { return opened_; }

  void call_succeeded();
  void call_failed(MonoTime now, std::uint64_t random);

  // True: a probe is due and nobody is making one; the caller does, and reports it.
  bool start_probe(MonoTime now);
  void probe_succeeded();
  void probe_failed(MonoTime now, std::uint64_t random);

 private:
  void plan_probe(MonoTime now, std::uint64_t random);

  BreakerOptions options_;
  std::uint32_t failures_ = 0;  // in a row
  bool open_ = false;
  bool probing_ = false;
  Nanos wait_{0};
  MonoTime probe_at_{};
  std::uint64_t opened_ = 0;
};

}  // namespace tollgate::stores
