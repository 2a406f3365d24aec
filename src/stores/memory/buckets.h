// One bucket at a time: what is its state, take tokens from it, give them back. Everything that decides a bucket's
// state is brought together here: the table, the shared overflow buckets, and what a killed predecessor left.
#pragma once

#include <memory>

#include "base/rcu.h"
#include "core/limit/check.h"
#include "stores/memory/bucket_table.h"
#include "stores/memory/drain_map.h"
#include "stores/memory/limiter_clock.h"
#include "stores/memory/overflow_buckets.h"
#include "stores/memory/recovered.h"

namespace tollgate::stores {

// One check on its way: where its bucket is, and what was decided about it.
struct Step {
  Slot* slot = nullptr;  // null: nothing is stored
  std::uint64_t word = words::kEmpty;
  core::BucketDecision decision;
  bool taken = false;

  bool retired() const { return word == words::kRetired; }
};

// Thread safety: all methods from any thread, under an RcuReadGuard that lives as long as the Steps.
class Buckets {
 public:
  // `clock` outlives this.
  Buckets(const LimiterClock& clock, std::size_t max_bytes) : clock_(clock), table_(max_bytes) {}

  // Before the first decision only.
  void record_drains_in(DrainMap map) { drains_ = std::make_unique<DrainMap>(std::move(map)); }
  void assume_at_least(std::unique_ptr<const Recovered> recovered, core::LimiterTime restarted);
  void assume_all_empty_at(core::LimiterTime moment) { empty_at_ = moment; }
  // False: no room. `at_least_until`: see Slot.
  bool restore(const StoredBucket& bucket, std::uint32_t at_least_until);
  bool restore_overflow(const StoredBucket& bucket, std::uint32_t at_least_until);

  // Decides without taking: `step.decision` is what take() would do if nobody came in between.
  void look(const core::LimitCheck& check, core::LimiterTime now, Step& step);
  // Takes what look() decided on, or decides again if somebody came in between. Nothing is taken unless `step.taken`.
  void take(const core::LimitCheck& check, core::LimiterTime now, Step& step);
  void give_back(const core::LimitCheck& check, const Step& step);

  Result<void> reset(const core::LimitCheck& check);
  Result<void> migrate(const core::LimitCheck& from, const core::LimitCheck& to);

  void sweep(std::size_t slots);

  const BucketTable& table() const { return table_; }
  const OverflowBuckets& overflow() const { return overflow_; }
  DrainMap* drains() const { return drains_.get(); }
  core::LimiterTime empty_at() const { return empty_at_; }
  // Whether levels are still partly guessed from what a killed predecessor left.
  bool recovering() const { return recovered_.load() != nullptr; }

 private:
  core::Tat inherited(const core::TokenBucket& rule, Hash128 key) const;
  core::Tat stateless(const core::LimitCheck& check, core::LimiterTime now);
  NewBucket new_bucket(const core::LimitCheck& check, core::LimiterTime now);
  void decide(const core::LimitCheck& check, core::LimiterTime now, Step& step);
  void settle_restored(const core::LimitCheck& check, Step& step, core::LimiterTime now);
  bool swap(const core::LimitCheck& check, core::LimiterTime now, Step& step);
  void take_without_slot(const core::LimitCheck& check, Step& step);
  void take_from_overflow(const core::LimitCheck& check, core::LimiterTime now, Step& step);
  void keep(Slot& slot, Hash128 key, std::uint32_t second, core::LimiterTime now);
  Result<std::uint64_t> retire(const core::LimitCheck& check);
  Result<void> adopt(const core::LimitCheck& check, core::Tat carried);
  void unretire(const core::LimitCheck& check, std::uint64_t word);

  const LimiterClock& clock_;
  BucketTable table_;
  OverflowBuckets overflow_;
  std::unique_ptr<DrainMap> drains_;
  RcuPointer<Recovered> recovered_;
  core::LimiterTime restarted_;
  core::LimiterTime empty_at_;
};

}  // namespace tollgate::stores
