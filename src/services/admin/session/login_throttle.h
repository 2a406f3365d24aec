// Slows down whoever guesses passwords, without ever locking anybody out for good.
//
// Per account: five attempts are free, then each failure doubles the wait, 1 s … 900 s. Per address (IPv6: /64) and
// over all: a token bucket of failures. An attempt counts as failed from its beginning, so that many at once gain
// nothing; success or withdrawal takes that back. It makes no difference whether an account exists.
//
// Memory is bounded: when a table is full the entry that restrains least is forgotten. Thread safety: any thread.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/ip.h"
#include "core/limit/token_bucket.h"

namespace tollgate::services {

struct LoginThrottleOptions {
  std::uint32_t free_failures = 5;
  Seconds delay_max{900};
  std::size_t accounts_max = 4096;
  std::size_t addresses_max = 4096;
  core::TokenBucketSpec per_address{.refill_micro = 200'000, .max_burst = 30, .tokens_per_window = 30};
  core::TokenBucketSpec over_all{.refill_micro = 5'000'000, .max_burst = 200, .tokens_per_window = 200};
};

struct LoginAttempt {
  std::string account;
  IpAddress address;
};

class LoginThrottle {
 public:
  explicit LoginThrottle(const LoginThrottleOptions& options = {});

  // Zero: go ahead, and say succeeded() or withdrawn() unless it fails. Else the wait before it is worth asking again;
  // nothing was counted then.
  Nanos begin(const LoginAttempt& attempt, MonoTime now);
  void succeeded(const LoginAttempt& attempt, MonoTime now);
  // The password was never looked at.
  void withdrawn(const LoginAttempt& attempt, MonoTime now);

  std::size_t accounts() const;
  std::size_t addresses() const;

 private:
  struct Account {
    std::uint32_t failures = 0;
    MonoTime last{};
  };
  struct Bucket {
    core::Tat tat;
  };
  struct AddressHash {
    std::size_t operator()(const IpAddress& address) const noexcept;
  };

  Nanos delay_after(std::uint32_t failures) const;
  Nanos account_wait(const std::string& name, MonoTime now);
  void charge_account(const std::string& name, MonoTime now);
  void charge_address(const IpAddress& network, core::Tat next);
  void refund(const IpAddress& address, MonoTime now);

  const LoginThrottleOptions options_;
  const core::TokenBucket address_rule_;
  const core::TokenBucket over_all_rule_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Account> accounts_;
  std::unordered_map<IpAddress, Bucket, AddressHash> addresses_;
  core::Tat over_all_;
};

}  // namespace tollgate::services
