// What a limit store must answer, from core::TokenBucket alone and in the plainest way: a map of states, one check
// after the other, no threads. Not thread-safe.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "core/limit/check.h"

namespace tollgate::testing {

class LimitStoreOracle {
 public:
  core::LimitOutcome apply(std::span<const core::LimitCheck> checks, bool peek, core::LimiterTime now) {
    const auto before = states_;
    core::LimitOutcome outcome;
    Nanos longest{-1};
    for (std::size_t i = 0; i < checks.size(); ++i) {
      outcome.answers[i] = take(checks[i], now);
      const core::LimitAnswer& answer = outcome.answers[i];
      if (answer.verdict == core::Verdict::allowed || checks[i].shadow) continue;
      const Nanos wait = answer.verdict == core::Verdict::impossible ? Nanos::max() : answer.retry_after;
      if (wait > longest) {
        outcome.allowed = false;
        outcome.refused_by = static_cast<std::int8_t>(i);
        outcome.retired = retired_.contains(checks[i].bucket);
        longest = wait;
      }
    }
    if (peek || !outcome.allowed) states_ = before;
    for (std::size_t i = 0; i < checks.size() && !outcome.allowed; ++i) {
      if (outcome.answers[i].verdict == core::Verdict::allowed) outcome.answers[i] = holds(checks[i], now);
    }
    return outcome;
  }

  // The bucket's content, whatever the check would cost.
  core::LimitAnswer holds(core::LimitCheck check, core::LimiterTime now) {
    check.cost = 0;
    return take(check, now);
  }

  void reset(const core::LimitCheck& check, core::LimiterTime now) {
    if (!retired_.contains(check.bucket))
      states_[check.bucket] = check.rule->holding(check.rule->spec().max_burst, now);
  }

  void migrate(const core::LimitCheck& from, const core::LimitCheck& to, core::LimiterTime now) {
    if (!retired_.insert(from.bucket).second) return;
    const core::Tat carried = to.rule->convert_from(*from.rule, state_of(from, now), now);
    const auto there = states_.find(to.bucket);
    if (retired_.erase(to.bucket) == 0 && there != states_.end()) {
      there->second = std::max(there->second, carried);
    } else {
      states_[to.bucket] = carried;
    }
    states_.erase(from.bucket);
  }

 private:
  core::Tat state_of(const core::LimitCheck& check, core::LimiterTime now) {
    const auto there = states_.find(check.bucket);
    if (there != states_.end()) return there->second;
    const Nanos age = now - core::LimiterTime{(check.created - core::kLimiterEpoch).count()};
    return check.rule->initial(now, std::max(age, Nanos(0)));
  }

  core::LimitAnswer take(const core::LimitCheck& check, core::LimiterTime now) {
    core::LimitAnswer answer;
    if (retired_.contains(check.bucket)) {
      answer.verdict = core::Verdict::denied;
      answer.retry_after = Millis(1);
      return answer;
    }
    const core::Tat state = state_of(check, now);
    answer.level_before = check.rule->level(state, now);
    const core::BucketDecision decision = check.rule->take(state, now, check.cost);
    if (decision.verdict == core::Verdict::allowed && check.cost != 0) states_[check.bucket] = decision.next;
    answer.verdict = decision.verdict;
    answer.remaining = decision.remaining;
    answer.retry_after = decision.retry_after;
    answer.until_full = decision.until_full;
    return answer;
  }

  std::map<Hash128, core::Tat> states_;
  std::set<Hash128> retired_;
};

}  // namespace tollgate::testing
