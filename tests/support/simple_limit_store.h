// A limit store for tests: core::TokenBucket and a map under a mutex, time from a ManualClock, failures on demand.
//
// Thread safety: all methods from any thread; it never suspends.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "base/clock.h"
#include "ports/limit_store.h"

namespace tollgate::testing {

class SimpleLimitStore final : public ports::LimitStore {
 public:
  explicit SimpleLimitStore(const Clock& clock) : clock_(clock) {}

  // Until taken back, every call fails with limiter_unavailable.
  void set_down(bool down) {
    const std::lock_guard lock(mutex_);
    down_ = down;
  }

  Task<Result<core::LimitOutcome>> apply(std::span<const core::LimitCheck> checks,
                                         ports::ApplyOptions options) override {
    const std::lock_guard lock(mutex_);
    if (down_) co_return fail(codes::limiter_unavailable, "the test switched it off");
    co_return decide(checks, options.peek);
  }

  Task<Result<core::LimitAnswer>> read(core::LimitCheck check) override {
    const std::lock_guard lock(mutex_);
    if (down_) co_return fail(codes::limiter_unavailable, "the test switched it off");
    check.cost = 0;
    co_return answer_of(check, check.rule->take(state_of(check), now(), 0));
  }

  Task<Result<void>> reset(core::LimitCheck check) override {
    const std::lock_guard lock(mutex_);
    if (down_) co_return fail(codes::limiter_unavailable, "the test switched it off");
    buckets_[check.bucket] = core::Tat{};
    co_return Result<void>{};
  }

  Task<Result<void>> migrate(core::LimitCheck from, core::LimitCheck to) override {
    const std::lock_guard lock(mutex_);
    if (down_) co_return fail(codes::limiter_unavailable, "the test switched it off");
    if (retired_.insert(from.bucket).second) {
      buckets_[to.bucket] = to.rule->convert_from(*from.rule, state_of(from), now());
    }
    co_return Result<void>{};
  }

 private:
  core::LimiterTime now() const { return {clock_.mono_now().time_since_epoch().count()}; }

  core::Tat state_of(const core::LimitCheck& check) const {
    const auto found = buckets_.find(check.bucket);
    if (found != buckets_.end()) return found->second;
    return check.rule->initial(now(), clock_.wall_now() - check.created);
  }

  core::LimitAnswer answer_of(const core::LimitCheck& check, const core::BucketDecision& decision) const {
    return {.verdict = decision.verdict,
            .remaining = decision.remaining,
            .level_before = check.rule->level(state_of(check), now()),
            .retry_after = decision.retry_after,
            .until_full = decision.until_full};
  }

  core::LimitOutcome decide(std::span<const core::LimitCheck> checks, bool peek) {
    core::LimitOutcome outcome;
    std::array<core::Tat, core::kMaxChecks> next{};
    Nanos longest{-1};
    for (std::size_t i = 0; i < checks.size(); ++i) {
      const core::BucketDecision decision = checks[i].rule->take(state_of(checks[i]), now(), checks[i].cost);
      next[i] = decision.next;
      outcome.answers[i] = answer_of(checks[i], decision);
      outcome.retired |= retired_.contains(checks[i].bucket);
      if (decision.verdict == core::Verdict::allowed || checks[i].shadow) continue;
      outcome.allowed = false;
      if (decision.retry_after > longest) outcome.refused_by = static_cast<std::int8_t>(i);
      longest = std::max(longest, decision.retry_after);
    }
    outcome.allowed &= !outcome.retired;
    for (std::size_t i = 0; !outcome.allowed && i < checks.size(); ++i) {
      // Refused by another: nothing is taken from this one either.
      if (outcome.answers[i].verdict != core::Verdict::allowed) continue;
      outcome.answers[i] = answer_of(checks[i], checks[i].rule->take(state_of(checks[i]), now(), 0));
    }
    for (std::size_t i = 0; outcome.allowed && !peek && i < checks.size(); ++i) buckets_[checks[i].bucket] = next[i];
    return outcome;
  }

  const Clock& clock_;
  std::mutex mutex_;
  bool down_ = false;
  std::map<Hash128, core::Tat> buckets_;
  std::set<Hash128> retired_;
};

}  // namespace tollgate::testing
