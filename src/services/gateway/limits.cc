#include "services/gateway/limits.h"
#include <type_traits>

namespace tollgate::services {
namespace {

// The values of a scope at fixed places: two different tuples never look the same.
struct ScopeValues {
  Hash128 limit;
  core::NameRef route = 0;
  core::NameRef tier = 0;
  std::array<char, 10> key{};
  std::array<std::uint8_t, 8> client{};
  std::uint8_t client_family = 0;
  std::uint8_t present = 0;  // bits: which parts the scope has
  std::uint32_t reserved = 0;
};
static_assert(std::has_unique_object_representations_v<ScopeValues>, "hashed byte by byte: no padding");

struct ScopeContext {
  const PlannedRoute& route;
  const Caller& caller;
  const ClientNetwork& client;
};

Hash128 bucket_of(const PlannedLimit& limit, const ScopeContext& context, std::uint64_t seed) {
  ScopeValues values{.limit = limit.identity};
  if (limit.scope.route) values.route = context.route.ref;
  if (limit.scope.tier) values.tier = context.caller.tier;
  if (limit.scope.key) values.key = context.caller.id.text;
  if (limit.scope.client_ip) {
    values.client = context.client.bytes;
    values.client_family = context.client.family;
  }
  values.present = static_cast<std::uint8_t>((limit.scope.route ? 1 : 0) | (limit.scope.tier ? 2 : 0) |
                                             (limit.scope.key ? 4 : 0) | (limit.scope.client_ip ? 8 : 0));
  return hash128({reinterpret_cast<const char*>(&values), sizeof(values)}, seed);
}

}  // namespace

void RequestLimits::add(const core::LimitCheck& check, std::string_view name) {
  checks_[count_] = check;
  names_[count_] = name;
  ++count_;
}

void RequestLimits::collect(const RoutingPlan& plan, const PlannedRoute& route, const Caller& caller,
                            const ClientNetwork& client) {
  count_ = 0;
  list_ = caller.id.empty() ? route.limits_without_key : route.limits_with_key;
  if (!caller.id.empty()) {
    add({.rule = &caller.rule, .bucket = caller.bucket, .cost = route.cost, .created = caller.created}, kKeyLimitName);
  }
  for (const PlannedLimit& limit : route.limits) {
    if (caller.id.empty() && limit.needs_key()) continue;
    const WallTime created = limit.scope.key ? caller.created : WallTime{};
    add({.rule = &limit.rule,
         .bucket = bucket_of(limit, {route, caller, client}, plan.bucket_seed),
         .cost = route.cost,
         .created = created,
         .shadow = limit.shadow},
        limit.name);
  }
}

std::size_t RequestLimits::items(const core::LimitOutcome& outcome,
                                 std::array<http::RateLimitItem, core::kMaxChecks>& out) const {
  std::size_t written = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (checks_[i].shadow) continue;
    out[written++] = {.name = names_[i],
                      .quota = checks_[i].rule->spec().tokens_per_window,
                      .window_seconds = checks_[i].rule->window_seconds(),
                      .remaining = outcome.answers[i].remaining,
                      .reset = core::reset_of(outcome.answers[i])};
  }
  return written;
}

}  // namespace tollgate::services
