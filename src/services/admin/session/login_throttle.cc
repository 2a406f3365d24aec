#include "services/admin/session/login_throttle.h"

#include <algorithm>

#include "base/assert.h"
#include "base/hash.h"

namespace tollgate::services {
namespace {

core::LimiterTime limiter_time(MonoTime now) {
  return {std::max<std::int64_t>(now.time_since_epoch().count(), 0)};
}

core::TokenBucket checked(const core::TokenBucketSpec& spec) {
  auto rule = core::TokenBucket::make(spec);
  TG_ASSERT(rule.has_value());
  return *rule;
}

// One IPv6 subscriber has a whole /64 to send from.
IpAddress network_of(IpAddress address) {
  if (!address.is_v4()) std::fill(address.bytes.begin() + 8, address.bytes.end(), std::uint8_t{0});
  return address;
}

}  // namespace

std::size_t LoginThrottle::AddressHash::operator()(const IpAddress& address) const noexcept {
  return hash64({reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()}, 0);
}

LoginThrottle::LoginThrottle(const LoginThrottleOptions& options)
    : options_(options), address_rule_(checked(options.per_address)), over_all_rule_(checked(options.over_all)) {}

Nanos LoginThrottle::delay_after(std::uint32_t failures) const {
  if (failures < options_.free_failures) return Nanos{0};
  const std::uint32_t doublings = std::min(failures - options_.free_failures, 20u);
  return std::min<Nanos>(Seconds(std::int64_t{1} << doublings), options_.delay_max);
}

Nanos LoginThrottle::account_wait(const std::string& name, MonoTime now) {
  const auto found = accounts_.find(name);
  if (found == accounts_.end()) return Nanos{0};
  if (now - found->second.last > 2 * options_.delay_max) {
    accounts_.erase(found);
    return Nanos{0};
  }
  return std::max(Nanos{0}, found->second.last + delay_after(found->second.failures) - now);
}

void LoginThrottle::charge_account(const std::string& name, MonoTime now) {
  if (!accounts_.contains(name) && accounts_.size() >= options_.accounts_max) {
    // Names made up in a flood have one failure each and go first; the account under attack stays.
    accounts_.erase(std::ranges::min_element(
        accounts_, {}, [](const auto& entry) { return std::pair(entry.second.failures, entry.second.last); }));
  }
  Account& account = accounts_[name];
  ++account.failures;
  account.last = now;
}

void LoginThrottle::charge_address(const IpAddress& network, core::Tat next) {
  if (!addresses_.contains(network) && addresses_.size() >= options_.addresses_max) {
    addresses_.erase(std::ranges::min_element(addresses_, {}, [](const auto& entry) { return entry.second.tat; }));
  }
  addresses_[network].tat = next;
}

Nanos LoginThrottle::begin(const LoginAttempt& attempt, MonoTime now) {
  const IpAddress network = network_of(attempt.address);
  const core::LimiterTime time = limiter_time(now);
  const std::lock_guard lock(mutex_);
  const auto address = addresses_.find(network);
  const auto by_address = address_rule_.take(address == addresses_.end() ? core::Tat{} : address->second.tat, time, 1);
  const auto over_all = over_all_rule_.take(over_all_, time, 1);
  const Nanos wait = std::max({account_wait(attempt.account, now), by_address.retry_after, over_all.retry_after});
  if (wait > Nanos{0}) return wait;
  charge_account(attempt.account, now);
  charge_address(network, by_address.next);
  over_all_ = over_all.next;
  return Nanos{0};
}

void LoginThrottle::refund(const IpAddress& address, MonoTime now) {
  const core::LimiterTime time = limiter_time(now);
  const auto found = addresses_.find(network_of(address));
  if (found != addresses_.end()) {
    found->second.tat = address_rule_.holding(address_rule_.level(found->second.tat, time) + 1, time);
  }
  over_all_ = over_all_rule_.holding(over_all_rule_.level(over_all_, time) + 1, time);
}

void LoginThrottle::succeeded(const LoginAttempt& attempt, MonoTime now) {
  const std::lock_guard lock(mutex_);
  accounts_.erase(attempt.account);
  refund(attempt.address, now);
}

void LoginThrottle::withdrawn(const LoginAttempt& attempt, MonoTime now) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(attempt.account);
  if (found != accounts_.end() && --found->second.failures == 0) accounts_.erase(found);
  refund(attempt.address, now);
}

std::size_t LoginThrottle::accounts() const {
  const std::lock_guard lock(mutex_);
  return accounts_.size();
}

std::size_t LoginThrottle::addresses() const {
  const std::lock_guard lock(mutex_);
  return addresses_.size();
}

}  // namespace tollgate::services
