// One loop's way to the limiter service: concurrent checks share a request, and a limiter that does not answer is left
// alone until it does.
//
// A batch leaves when the loop has nothing else to do at the moment, with at most 64 groups; at most 16 are under way.
// A call that fails after it was sent may have been applied: it is never repeated.
//
// Thread safety: the loop's thread only.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codec/limits/apply_protocol.h"
#include "core/limit/check.h"
#include "http/fetch.h"
#include "ports/limit_store.h"
#include "runtime/event_loop.h"
#include "stores/remote/breaker.h"
#include "telemetry/metrics.h"

namespace tollgate::stores {

struct LimiterClientOptions {
  http::UpstreamTarget target;
  std::string service_token;
  // For a batch, connecting and looking up the name included. The loop looks at deadlines every 20 ms: that much later
  // at worst.
  Millis deadline{10};
  Millis control_deadline{1000};  // for reading, resetting and migrating single buckets
  BreakerOptions breaker;
};

// Written by the client's loop, read by anybody.
struct LimiterClientCounters {
  telemetry::OwnedCounter batches;    // sent
  telemetry::OwnedCounter decisions;  // answered by the limiter
  telemetry::OwnedCounter failures;   // batches without a usable answer
  telemetry::OwnedCounter opened;     // times the breaker opened
  telemetry::OwnedCounter fallbacks;  // decisions that the store's fallback made; counted by the store, on this loop
  std::atomic<bool> open{false};      // the breaker is: nobody is asked
};

class LimiterClient {
 public:
  static constexpr std::size_t kGroupsPerBatch = 64;
  static constexpr std::size_t kBatchesInFlight = 16;
  static constexpr std::size_t kQueueMax = kGroupsPerBatch * kBatchesInFlight;

  LimiterClient(runtime::EventLoop& loop, const LimiterClientOptions& options);
  LimiterClient(const LimiterClient&) = delete;
  LimiterClient& operator=(const LimiterClient&) = delete;
  ~LimiterClient() = default;

  // limiter_unavailable when the limiter did not answer in time, or is not being asked.
  Task<Result<core::LimitOutcome>> apply(codec::ApplyGroup group);
  Task<Result<std::string>> control(std::string target, std::string body);

  LimiterClientCounters& counters() { return counters_; }

  // Refuses new calls and waits for those under way. Before the client is destroyed.
  Task<void> stop();

 private:
  struct Waiting {
    Waiting(runtime::EventLoop& loop, codec::ApplyGroup asked, MonoTime now) : group(asked), since(now), done(loop) {}
    codec::ApplyGroup group;
    MonoTime since;
    Result<core::LimitOutcome> outcome = fail(codes::limiter_unavailable);
    runtime::Event done;
  };
  using Batch = std::vector<Waiting*>;

  bool may_ask();
  void note_breaker();
  Task<void> flush();
  Batch take_batch();
  Task<void> send(Batch batch);
  Task<Result<std::vector<Result<core::LimitOutcome>>>> exchange(const std::vector<codec::ApplyGroup>& groups);
  Task<void> probe();
  http::FetchRequest request_to(std::string target, std::string body) const;

  runtime::EventLoop& loop_;
  const LimiterClientOptions options_;
  LimiterClientCounters counters_;
  http::UpstreamPool pool_;  // of batches; connecting may take as long as a batch may
  http::UpstreamPool control_pool_;
  Breaker breaker_;
  std::deque<Waiting*> queue_;
  std::size_t in_flight_ = 0;
  bool flushing_ = false;
  bool stopping_ = false;
  runtime::TaskGroup tasks_;
};

}  // namespace tollgate::stores
