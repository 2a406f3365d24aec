#include "stores/memory/memory_limit_store.h"

#include <array>

#include "base/assert.h"

namespace tollgate::stores {

using core::LimitAnswer;
using core::LimitCheck;
using core::LimiterTime;
using core::LimitOutcome;
using core::Verdict;

namespace {

bool refuses(const LimitCheck& check, const Step& step) {
  return step.decision.verdict != Verdict::allowed && !check.shadow;
}

// Never is the longest wait of all.
Nanos wait_of(const Step& step) {
  return step.decision.verdict == Verdict::impossible ? Nanos::max() : step.decision.retry_after;
}

LimitAnswer answer_of(const LimitCheck& check, const Step& step) {
  const core::BucketDecision& decision = step.decision;
  const std::uint64_t took = decision.verdict == Verdict::allowed ? check.cost : 0;
  return {.verdict = decision.verdict,
          .remaining = decision.remaining,
          .level_before = decision.remaining + took,
          .retry_after = decision.retry_after,
          .until_full = decision.until_full};
}

// What a bucket holds that nothing was taken from, because another limit refused.
LimitAnswer untouched(Buckets& buckets, LimitCheck check, LimiterTime now) {
  check.cost = 0;
  Step step;
  buckets.look(check, now, step);
  return answer_of(check, step);
}

}  // namespace

LimitOutcome MemoryLimitStore::decide(std::span<const LimitCheck> checks, ports::ApplyOptions options) noexcept {
  TG_ASSERT(!checks.empty() && checks.size() <= core::kMaxChecks);
  // Clearing room for eight is a good part of what one decision costs.
  return checks.size() == 1 ? decide_in<1>(checks, options) : decide_in<core::kMaxChecks>(checks, options);
}

template <std::size_t kCapacity>
LimitOutcome MemoryLimitStore::decide_in(std::span<const LimitCheck> checks, ports::ApplyOptions options) noexcept {
  const RcuReadGuard guard;
  const LimiterTime now = clock_.now();
  std::array<Step, kCapacity> steps;
  LimitOutcome outcome;
  const auto refuse = [&](std::size_t index) {
    if (outcome.refused_by >= 0 &&
        wait_of(steps[static_cast<std::size_t>(outcome.refused_by)]) >= wait_of(steps[index]))
      return;
    outcome.allowed = false;
    outcome.refused_by = static_cast<std::int8_t>(index);
    outcome.retired = steps[index].retired();
  };

  for (std::size_t i = 0; i < checks.size(); ++i) {
    buckets_.look(checks[i], now, steps[i]);
    if (refuses(checks[i], steps[i])) refuse(i);
  }
  if (!options.peek) {
    for (std::size_t i = 0; i < checks.size() && outcome.allowed; ++i) {
      buckets_.take(checks[i], now, steps[i]);
      if (refuses(checks[i], steps[i])) refuse(i);
    }
  }
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const bool allowed = steps[i].decision.verdict == Verdict::allowed;
    if (!outcome.allowed && steps[i].taken) buckets_.give_back(checks[i], steps[i]);
    outcome.answers[i] =
        outcome.allowed || !allowed ? answer_of(checks[i], steps[i]) : untouched(buckets_, checks[i], now);
  }
  return outcome;
}

Task<Result<LimitOutcome>> MemoryLimitStore::apply(std::span<const LimitCheck> checks, ports::ApplyOptions options) {
  co_return decide(checks, options);
}

Task<Result<LimitAnswer>> MemoryLimitStore::read(LimitCheck check) {
  const RcuReadGuard guard;
  const LimiterTime now = clock_.now();
  Step step;
  buckets_.look(check, now, step);
  LimitAnswer answer = untouched(buckets_, check, now);
  answer.verdict = step.decision.verdict;
  answer.retry_after = step.decision.retry_after;
  co_return answer;
}

Task<Result<void>> MemoryLimitStore::reset(LimitCheck check) {
  const RcuReadGuard guard;
  co_return buckets_.reset(check);
}

Task<Result<void>> MemoryLimitStore::migrate(LimitCheck from, LimitCheck to) {
  const RcuReadGuard guard;
  co_return buckets_.migrate(from, to);
}

MemoryLimitStats MemoryLimitStore::stats() const {
  const TableStats table = buckets_.table().stats();
  return {.buckets = table.buckets,
          .bytes = table.bytes + sizeof(OverflowBuckets),
          .forgotten = table.forgotten,
          .overflow_decisions = buckets_.overflow().decisions(),
          .rebuilds = table.rebuilds};
}

}  // namespace tollgate::stores
