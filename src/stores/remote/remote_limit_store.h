// ports::LimitStore over the limiter service, for gateways in other processes.
//
// While the limiter does not answer, the fallback (a store in this process, with the same rules) decides, so that its
// failure is never the client's error; without one, limiter_unavailable. Each outage lets at most one extra burst per
// bucket and gateway through: the fallback's bucket may be full when it begins. A call that timed out may have been
// applied as well; that errs on the side of the limit.
//
// Thread safety: apply(), read(), reset() and migrate() from the loops that were given, each of which has connections
// and a breaker of its own; from any other thread they are limiter_unavailable. Everything given outlives the store.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/loop_thread.h"
#include "stores/remote/limiter_client.h"

namespace tollgate::stores {

// Of all loops together, since the start.
struct RemoteLimitStats {
  std::uint64_t calls = 0;             // requests to the limiter, each with up to 64 checks
  std::uint64_t failures = 0;          // of those, without a usable answer in time
  std::uint64_t remote_decisions = 0;  // checks that the limiter decided
  std::uint64_t local_decisions = 0;   // checks that the fallback decided
  std::uint64_t outages = 0;           // times a loop stopped asking
  std::uint64_t paused_loops = 0;      // loops that do not ask at the moment
};

class RemoteLimitStore final : public ports::LimitStore {
 public:
  struct Options {
    std::string url;  // http://host:port of the limiter
    std::string service_token;
    ports::LimitStore* fallback = nullptr;
    Millis deadline{10};
    BreakerOptions breaker;
  };
  static Result<std::unique_ptr<RemoteLimitStore>> make(const std::vector<runtime::LoopThread*>& loops,
                                                        Options options);
  RemoteLimitStore(const RemoteLimitStore&) = delete;
  RemoteLimitStore& operator=(const RemoteLimitStore&) = delete;
  ~RemoteLimitStore() override;  // waits for calls under way

  Task<Result<core::LimitOutcome>> apply(std::span<const core::LimitCheck> checks,
                                         ports::ApplyOptions options) override;
  Task<Result<core::LimitAnswer>> read(core::LimitCheck check) override;
  // On the fallback too, whatever it says: its bucket is forgotten with the next outage anyway.
  Task<Result<void>> reset(core::LimitCheck check) override;
  Task<Result<void>> migrate(core::LimitCheck from, core::LimitCheck to) override;

  RemoteLimitStats stats() const;  // from any thread

 private:
  struct Member {
    runtime::LoopThread* thread;
    std::thread::id id;
    std::unique_ptr<LimiterClient> client;
  };
  explicit RemoteLimitStore(ports::LimitStore* fallback) : fallback_(fallback) {}
  LimiterClient* client_here() const;

  ports::LimitStore* fallback_;
  std::vector<Member> members_;
};

}  // namespace tollgate::stores
