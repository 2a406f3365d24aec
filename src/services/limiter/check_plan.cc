#include "services/limiter/check_plan.h"

#include <algorithm>

#include "base/rcu.h"
#include "base/str.h"
#include "crypto/sha256.h"

namespace tollgate::services {

namespace {

// Part of a bucket's identity: other numbers are another bucket.
std::string numbers_of(const core::TokenBucket& rule) {
  const core::TokenBucketSpec& spec = rule.spec();
  return str::cat(spec.refill_micro, '.', spec.max_burst, '.', spec.tokens_per_window);
}

struct Planned {
  std::string_view name;
  const core::TokenBucket& rule;
  Hash128 bucket;
  WallTime created{};  // long ago: full at the start
};

void add(CheckPlan& plan, const Planned& planned, std::uint64_t cost) {
  plan.rules.push_back(planned.rule);
  plan.names.emplace_back(planned.name);
  plan.checks.push_back(
      {.rule = &plan.rules.back(), .bucket = planned.bucket, .cost = cost, .created = planned.created});
}

}  // namespace

Result<std::optional<KnownKey>> CheckPlanner::find(std::string_view id_or_key) const {
  const auto by_id = core::KeyId::parse(id_or_key);
  const auto whole = by_id ? std::nullopt : core::parse_api_key(id_or_key);
  if (!by_id && !whole) return std::nullopt;
  const core::SecretHash presented = whole ? crypto::sha256(whole->secret) : core::SecretHash{};
  const RcuReadGuard guard;
  const ports::KeyEntry* entry = keys_.find(by_id ? *by_id : whole->id);
  if (entry == nullptr) {
    if (!keys_.ready()) return fail(codes::limiter_unavailable, "the keys are not loaded yet");
    return std::nullopt;
  }
  if (whole && entry->check(presented, clock_.wall_now()) == ports::KeyEntry::Check::wrong_secret) return std::nullopt;
  return KnownKey{.id = entry->id, .bucket = entry->bucket, .rule = *entry->rule, .created = entry->created_at};
}

Result<CheckPlan> CheckPlanner::plan(const CheckRequest& request) const {
  CheckPlan plan;
  plan.rules.reserve(std::max<std::size_t>(1, request.limits.size()));  // checks point into it
  for (const StatedLimit& limit : request.limits) {
    const Hash128 bucket = hash_tuple({"stated", limit.name, limit.key, numbers_of(limit.rule)}, options_.bucket_seed);
    add(plan, {.name = limit.name, .rule = limit.rule, .bucket = bucket}, request.cost);
  }
  if (!request.limits.empty()) return plan;
  TG_TRY(const std::optional<KnownKey> known, find(request.key));
  if (known) {
    add(plan, {.name = "key", .rule = known->rule, .bucket = known->bucket, .created = known->created}, request.cost);
  } else {
    const core::TokenBucket& rule = options_.default_rule;
    const Hash128 bucket = hash_tuple({"default", request.key, numbers_of(rule)}, options_.bucket_seed);
    add(plan, {.name = "default", .rule = rule, .bucket = bucket}, request.cost);
  }
  return plan;
}

}  // namespace tollgate::services
