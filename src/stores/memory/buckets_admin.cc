// What operators do to single buckets: reset and migrate. Rare, so all of it takes the shard's lock.
#include "stores/memory/buckets.h"

#include <algorithm>

namespace tollgate::stores {

using core::LimitCheck;
using core::LimiterTime;
using core::Tat;

namespace {

// How long a retired bucket refuses those who still hold the old configuration.
constexpr std::uint32_t kRetiredSeconds = 60;

std::unexpected<Error> no_room() {
  return fail(codes::limiter_unavailable, "the limiter's table is full of buckets in use; raise its memory cap");
}

}  // namespace

Result<void> Buckets::reset(const LimitCheck& check) {
  BucketTable::Exclusive shard = table_.lock(check.bucket);
  const LimiterTime now = clock_.now();
  const Tat full = check.rule->holding(check.rule->spec().max_burst, now);
  // Without a slot the bucket would be what its age makes it, which may be less than full: keep the slot until it is.
  const NewBucket without = new_bucket(check, now);
  const Found found = shard.find();
  Slot* slot = found.slot;
  if (slot == nullptr) {
    if (without.state <= full) return {};
    slot = shard.insert(without, now, Room::reserved);
    if (slot == nullptr) return no_room();
  }
  keep(*slot, check.bucket, without.keep_until, now);
  slot->at_least_until.store(0, std::memory_order_release);
  std::uint64_t word = slot->word.load(std::memory_order_acquire);
  while (words::is_tat(word) && !slot->word.compare_exchange_weak(word, words::of(full), std::memory_order_acq_rel)) {
  }
  return {};
}

Result<void> Buckets::migrate(const LimitCheck& from, const LimitCheck& to) {
  if (from.bucket == to.bucket)
    return fail(codes::internal, "a bucket cannot be migrated to itself: the revision must differ");
  TG_TRY(const std::uint64_t word, retire(from));
  if (word == words::kRetired) return {};  // done before
  const Tat carried = to.rule->convert_from(*from.rule, {word}, clock_.now());
  auto adopted = adopt(to, carried);
  if (!adopted) unretire(from, word);
  return adopted;
}

// Takes the state away in one exchange: whoever decides after it finds the bucket retired.
Result<std::uint64_t> Buckets::retire(const LimitCheck& check) {
  BucketTable::Exclusive shard = table_.lock(check.bucket);
  const LimiterTime now = clock_.now();
  const Found found = shard.find();
  Slot* slot = found.slot;
  if (slot == nullptr) {
    slot = shard.insert(new_bucket(check, now), now, Room::reserved);
    if (slot == nullptr) return no_room();
  }
  Step step{.slot = slot, .word = slot->word.load(std::memory_order_acquire), .decision = {}};
  if (slot->at_least_until.load(std::memory_order_acquire) != 0) settle_restored(check, step, now);
  const std::uint64_t word = slot->word.exchange(words::kRetired, std::memory_order_acq_rel);
  slot->keep_until.store(second_of(now) + kRetiredSeconds, std::memory_order_relaxed);
  return word;
}

Result<void> Buckets::adopt(const LimitCheck& check, Tat carried) {
  BucketTable::Exclusive shard = table_.lock(check.bucket);
  const LimiterTime now = clock_.now();
  const NewBucket without = new_bucket(check, now);
  const Found found = shard.find();
  Slot* slot = found.slot;
  if (slot == nullptr) {
    slot = shard.insert({carried, 0}, now, Room::reserved);
    if (slot == nullptr) return no_room();
  }
  keep(*slot, check.bucket, std::max(without.keep_until, check.rule->full_at_second(carried)), now);
  std::uint64_t word = slot->word.load(std::memory_order_acquire);
  while (word == words::kRetired || word < words::of(carried)) {
    if (slot->word.compare_exchange_weak(word, words::of(carried), std::memory_order_acq_rel)) break;
  }
  return {};
}

void Buckets::unretire(const LimitCheck& check, std::uint64_t word) {
  BucketTable::Exclusive shard = table_.lock(check.bucket);
  const Found found = shard.find();
  if (found.slot == nullptr || found.word != words::kRetired) return;
  keep(*found.slot, check.bucket, check.rule->full_at_second({word}), clock_.now());
  found.slot->word.store(word, std::memory_order_release);
}

}  // namespace tollgate::stores
