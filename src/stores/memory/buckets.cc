#include "stores/memory/buckets.h"

#include <algorithm>

namespace tollgate::stores {

using core::LimitCheck;
using core::LimiterTime;
using core::Tat;
using core::Verdict;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Nanos age_of(const LimitCheck& check, LimiterTime now) {
  return std::max(now - LimiterTime{(check.created - core::kLimiterEpoch).count()}, Nanos(0));
}

std::uint32_t ceil_second(LimiterTime time) {
  return static_cast<std::uint32_t>((time.ns + kSecond - 1) / kSecond);
}

}  // namespace

void Buckets::assume_at_least(std::unique_ptr<const Recovered> recovered, LimiterTime restarted) {
  restarted_ = restarted;
  recovered_.replace(recovered.release());
}

bool Buckets::restore(const StoredBucket& bucket, std::uint32_t at_least_until) {
  const LimiterTime now = clock_.now();
  BucketTable::Exclusive shard = table_.lock(bucket.key);
  if (shard.find().slot != nullptr) return true;
  const std::uint32_t keep_until = std::max(bucket.keep_until, at_least_until);
  Slot* const slot = shard.insert({{bucket.tat}, keep_until}, now, Room::reserved);
  if (slot == nullptr) return false;
  slot->at_least_until.store(at_least_until, std::memory_order_relaxed);
  if (drains_) drains_->raise(bucket.key, keep_until);
  return true;
}

bool Buckets::restore_overflow(const StoredBucket& bucket, std::uint32_t at_least_until) {
  Slot* const slot = overflow_.find_or_add(bucket.key, {{bucket.tat}, bucket.keep_until});
  if (slot == nullptr) return false;
  slot->at_least_until.store(at_least_until, std::memory_order_relaxed);
  return true;
}

// What earlier processes may have let this bucket's key take.
Tat Buckets::inherited(const core::TokenBucket& rule, Hash128 key) const {
  Tat least;
  if (empty_at_.ns != 0) [[unlikely]] {
    least = rule.holding(0, empty_at_);
  }
  const Recovered* const recovered = recovered_.load();
  if (recovered != nullptr) [[unlikely]] {
    least = std::max(least, recovered->at_least(rule, key));
  }
  return least;
}

// The level of a bucket that has no slot. Whatever a key may have taken elsewhere, it is never fresher than that.
Tat Buckets::stateless(const LimitCheck& check, LimiterTime now) {
  Tat state = std::max(check.rule->initial(now, age_of(check, now)), inherited(*check.rule, check.bucket));
  if (overflow_.in_use()) [[unlikely]] {
    const Found shared = overflow_.find(OverflowBuckets::key_of(check.rule->spec()));
    if (shared.slot != nullptr) {
      state = std::max(state, Tat{shared.word});
      // Not settled yet: as empty as it can have been.
      if (shared.slot->at_least_until.load(std::memory_order_acquire) != 0) {
        state = std::max(state, check.rule->holding(0, restarted_));
      }
    }
  }
  return state;
}

// Kept for a moment even when full, so that a sweep does not take it away between its making and its use.
NewBucket Buckets::new_bucket(const LimitCheck& check, LimiterTime now) {
  const Tat state = stateless(check, now);
  return {state, std::max(second_of(now) + 1, check.rule->full_at_second(state))};
}

void Buckets::decide(const LimitCheck& check, LimiterTime now, Step& step) {
  if (step.retired()) [[unlikely]] {
    step.decision = {
        .verdict = Verdict::denied, .next = {}, .remaining = 0, .retry_after = Millis(1), .until_full = {}};
    return;
  }
  const Tat state = step.slot == nullptr ? stateless(check, now) : Tat{step.word};
  step.decision = check.rule->take(state, now, check.cost);
}

void Buckets::look(const LimitCheck& check, LimiterTime now, Step& step) {
  const Found found = table_.find(check.bucket);
  step.slot = found.slot;
  step.word = found.word;
  if (step.slot != nullptr && step.slot->at_least_until.load(std::memory_order_acquire) != 0) [[unlikely]] {
    settle_restored(check, step, now);
  }
  decide(check, now, step);
}

// The first to use a restored bucket knows its rule, and so what "not full before that second" is in units.
void Buckets::settle_restored(const LimitCheck& check, Step& step, LimiterTime now) {
  const std::uint32_t second = step.slot->at_least_until.load(std::memory_order_acquire);
  const Tat least = Recovered::full_at(*check.rule, second, restarted_);
  keep(*step.slot, step.slot->key(), check.rule->full_at_second(least), now);
  while (words::is_tat(step.word) && step.word < least.units) {
    if (step.slot->word.compare_exchange_weak(step.word, least.units, std::memory_order_acq_rel))
      step.word = least.units;
  }
  if (words::is_tat(step.word) || step.retired()) {
    step.slot->at_least_until.store(0, std::memory_order_release);
  } else {
    const Found again = table_.find(check.bucket);  // moved meanwhile; whoever finds the mark there settles it
    step.slot = again.slot;
    step.word = again.word;
    if (again.slot != nullptr && again.slot->at_least_until.load(std::memory_order_acquire) != 0) {
      settle_restored(check, step, now);
    }
  }
}

// Nobody may forget the slot before `second`, and no kill may forget that it was drained until then. What the next
// second refills anyway is not worth a write: a kill gives back at most one second of refill.
void Buckets::keep(Slot& slot, Hash128 key, std::uint32_t second, LimiterTime now) {
  if (slot.keep_until.load(std::memory_order_relaxed) >= second) return;
  slot.raise_keep_until(second);
  if (drains_ && std::int64_t{second} * kSecond - now.ns > kSecond) drains_->raise(key, second);
}

// False: somebody else was faster, and step.word is what they left.
bool Buckets::swap(const LimitCheck& check, LimiterTime now, Step& step) {
  keep(*step.slot, check.bucket, ceil_second(now + step.decision.until_full), now);
  return step.slot->word.compare_exchange_strong(step.word, words::of(step.decision.next), std::memory_order_acq_rel,
                                                 std::memory_order_acquire);
}

void Buckets::take(const LimitCheck& check, LimiterTime now, Step& step) {
  while (step.decision.verdict == Verdict::allowed && check.cost != 0) {
    if (step.slot == nullptr) {
      take_without_slot(check, step);
      if (step.slot == nullptr || step.taken) return;
      now = std::max(now, clock_.now());
      look(check, now, step);
      continue;
    }
    if (swap(check, now, step)) {
      step.taken = true;
      return;
    }
    if (words::is_tat(step.word) || step.retired()) {
      decide(check, now, step);
    } else {
      look(check, now, step);  // forgotten or moved
    }
  }
}

// Ends with a slot to take from, with a decision by the shared overflow bucket, or with a denial.
void Buckets::take_without_slot(const LimitCheck& check, Step& step) {
  BucketTable::Exclusive shard = table_.lock(check.bucket);
  // Read again: a slot that was forgotten meanwhile was full by the sweeper's clock, and may not have been by an older
  // one.
  const LimiterTime now = clock_.now();
  step.slot = shard.find().slot;
  if (step.slot == nullptr) step.slot = shard.insert(new_bucket(check, now), now, Room::ordinary);
  // Under the shard's lock, so that this key cannot get a slot of its own that does not know of these tokens.
  if (step.slot == nullptr) take_from_overflow(check, now, step);
}

void Buckets::take_from_overflow(const LimitCheck& check, LimiterTime now, Step& step) {
  overflow_.count_decision();
  const Hash128 rule = OverflowBuckets::key_of(check.rule->spec());
  LimitCheck shared = check;
  shared.bucket = rule;
  const Tat fresh = std::max(check.rule->initial(now, Nanos(0)), inherited(*check.rule, rule));
  step.slot = overflow_.find_or_add(rule, {fresh, 0});
  if (step.slot == nullptr) {  // more rules than anybody has: nothing is known of this key, so nothing is given
    step.decision = {
        .verdict = Verdict::denied, .next = {}, .remaining = 0, .retry_after = Seconds(1), .until_full = {}};
    return;
  }
  step.word = step.slot->word.load(std::memory_order_acquire);
  if (step.slot->at_least_until.load(std::memory_order_acquire) != 0) settle_restored(shared, step, now);
  do {
    decide(shared, now, step);
    if (step.decision.verdict != Verdict::allowed) break;
    step.taken = swap(shared, now, step);
  } while (!step.taken);
  if (!step.taken) {
    step.slot = nullptr;  // decided; the caller has nothing to try again
  } else if (drains_) {
    drains_->raise(check.bucket,
                   ceil_second(now + step.decision.until_full));  // after a kill this key is not fresh either
  }
}

void Buckets::give_back(const LimitCheck& check, const Step& step) {
  const LimiterTime now = clock_.now();  // not the decision's: time that passed since is refill that may have been lost
  Slot* slot = step.slot;
  std::uint64_t word = slot->word.load(std::memory_order_acquire);
  while (true) {
    if (word == words::kMoved) {
      const Found found = table_.find(check.bucket);
      slot = found.slot;
      word = found.word;
    }
    // Forgotten: it was full. Retired: its level, without these tokens, is already under the new rule.
    if (slot == nullptr || !words::is_tat(word)) return;
    const Tat next = check.rule->refund({word}, step.decision.next, now, check.cost);
    if (slot->word.compare_exchange_weak(word, words::of(next), std::memory_order_acq_rel, std::memory_order_acquire)) {
      return;
    }
  }
}

void Buckets::sweep(std::size_t slots) {
  const LimiterTime now = clock_.now();
  table_.sweep(now, slots);
  const RcuReadGuard guard;
  const Recovered* const recovered = recovered_.load();
  if (recovered != nullptr && recovered->matters_until() <= second_of(now)) recovered_.replace(nullptr);
}

}  // namespace tollgate::stores
