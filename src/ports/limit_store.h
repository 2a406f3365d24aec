// Where buckets live. The same contract over every adapter (tests/contract/limit_store_contract.h); core::TokenBucket
// is its oracle.
#pragma once

#include <optional>
#include <span>

#include "base/task.h"
#include "core/limit/check.h"

namespace tollgate::ports {

struct ApplyOptions {
  bool peek = false;  // answer as if, consume nothing
};

// Thread safety: all methods from any thread. Adapters that never wait complete without suspending.
class LimitStore {
 public:
  virtual ~LimitStore() = default;

  // Asks 1 … kMaxChecks limits: if all allow, each loses its cost; if one refuses, none loses anything.
  // A store that cannot decide returns limiter_unavailable; whoever asked applies the limit's failure rule.
  // `checks` and what it points to stay valid until the task is done.
  virtual Task<Result<core::LimitOutcome>> apply(std::span<const core::LimitCheck> checks, ApplyOptions options) = 0;

  // The same at once, for adapters that never wait: true and the outcome. False: ask apply().
  virtual bool apply_now(std::span<const core::LimitCheck>, ApplyOptions, core::LimitOutcome&) noexcept {
    return false;
  }

  // The bucket's content under `check.rule`; creates nothing.
  virtual Task<Result<core::LimitAnswer>> read(core::LimitCheck check) = 0;
  // Forgets the bucket: it is full again (an operator's reset).
  virtual Task<Result<void>> reset(core::LimitCheck check) = 0;
  // The limit's numbers changed: carries the level of `from` over to `to`, clamped, and retires `from`, so that no
  // decision under the old numbers can take tokens after it was carried over. Called before the new numbers are
  // published.
  virtual Task<Result<void>> migrate(core::LimitCheck from, core::LimitCheck to) = 0;
};

}  // namespace tollgate::ports
