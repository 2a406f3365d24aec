#include "services/admin/session/login_throttle.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/str.h"

namespace tollgate::services {
namespace {

IpAddress address(std::uint8_t last) {
  return IpAddress::v4({192, 0, 2, last});
}

TEST(LoginThrottle, DoublesTheWaitFromOneSecondToFifteenMinutesAfterFiveFailures) {
  LoginThrottle throttle;
  ManualClock clock;
  const auto from = [](int i) { return LoginAttempt{"admin", address(static_cast<std::uint8_t>(i))}; };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(throttle.begin(from(i), clock.mono_now()), Nanos{0}) << i;
  for (int i = 5, wait = 1; i < 20; ++i, wait = std::min(2 * wait, 900)) {
    EXPECT_EQ(throttle.begin(from(i), clock.mono_now()), Seconds(wait)) << i;
    clock.advance(Seconds(wait) - Nanos{1});
    EXPECT_EQ(throttle.begin(from(i), clock.mono_now()), Nanos{1}) << i;
    clock.advance(Nanos{1});
    EXPECT_EQ(throttle.begin(from(i), clock.mono_now()), Nanos{0}) << i;
  }
}

TEST(LoginThrottle, ManyAttemptsAtOnceGainNothing) {
  LoginThrottle throttle;
  ManualClock clock;
  int begun = 0;
  for (std::uint8_t i = 0; i < 20; ++i) {
    if (throttle.begin({"admin", address(i)}, clock.mono_now()) == Nanos{0}) ++begun;
  }
  EXPECT_EQ(begun, 5);
}

TEST(LoginThrottle, SuccessClearsTheAccountAndNoLockIsForEver) {
  LoginThrottle throttle;
  ManualClock clock;
  const LoginAttempt attempt{"admin", address(1)};
  for (int i = 0; i < 5; ++i) ASSERT_EQ(throttle.begin(attempt, clock.mono_now()), Nanos{0});
  throttle.succeeded(attempt, clock.mono_now());
  EXPECT_EQ(throttle.begin(attempt, clock.mono_now()), Nanos{0});

  for (int i = 0; i < 30; ++i) {
    clock.advance(throttle.begin(attempt, clock.mono_now()));
  }
  clock.advance(Seconds(1801));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(throttle.begin(attempt, clock.mono_now()), Nanos{0}) << i;
}

TEST(LoginThrottle, AWithdrawnAttemptLeavesNoTrace) {
  LoginThrottle throttle;
  ManualClock clock;
  const LoginAttempt attempt{"admin", address(1)};
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(throttle.begin(attempt, clock.mono_now()), Nanos{0}) << i;
    throttle.withdrawn(attempt, clock.mono_now());
  }
  EXPECT_EQ(throttle.accounts(), 0u);
}

TEST(LoginThrottle, OneAddressIsSlowedOverAllAccountsAndOthersAreNot) {
  LoginThrottle throttle;
  ManualClock clock;
  for (int i = 0; i < 30; ++i) {
    ASSERT_EQ(throttle.begin({str::cat("user", i), address(1)}, clock.mono_now()), Nanos{0}) << i;
  }
  EXPECT_EQ(throttle.begin({"another", address(1)}, clock.mono_now()), Seconds(5));
  EXPECT_EQ(throttle.begin({"another", address(2)}, clock.mono_now()), Nanos{0});
}

TEST(LoginThrottle, OneIpv6NetworkCountsAsOneAddress) {
  LoginThrottle throttle;
  ManualClock clock;
  const auto host = [](int i) { return *IpAddress::parse(str::cat("2001:db8:1:2::", i)); };
  for (int i = 1; i <= 30; ++i) ASSERT_EQ(throttle.begin({str::cat("u", i), host(i)}, clock.mono_now()), Nanos{0});
  EXPECT_GT(throttle.begin({"another", host(31)}, clock.mono_now()), Nanos{0});
  EXPECT_EQ(throttle.begin({"another", *IpAddress::parse("2001:db8:1:3::1")}, clock.mono_now()), Nanos{0});
}

TEST(LoginThrottle, AllAddressesTogetherHaveACeiling) {
  LoginThrottle throttle;
  ManualClock clock;
  int begun = 0;
  for (int i = 0; i < 1000; ++i) {
    const IpAddress from = IpAddress::v4({10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)});
    if (throttle.begin({str::cat("user", i), from}, clock.mono_now()) == Nanos{0}) ++begun;
  }
  EXPECT_EQ(begun, 200);
}

TEST(LoginThrottle, AFloodOfNamesIsBoundedAndDoesNotFreeTheAccountUnderAttack) {
  const core::TokenBucketSpec wide{.refill_micro = 1'000'000, .max_burst = 1'000'000, .tokens_per_window = 1'000'000};
  LoginThrottle throttle({.accounts_max = 100,
                          .addresses_max = 50,
                          .per_address = {.refill_micro = 1'000'000, .max_burst = 30, .tokens_per_window = 30},
                          .over_all = wide});
  ManualClock clock;
  for (int i = 0; i < 5; ++i) throttle.begin({"admin", address(1)}, clock.mono_now());
  for (int i = 0; i < 10'000; ++i) {
    const IpAddress from = IpAddress::v4({10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)});
    throttle.begin({str::cat("made-up", i), from}, clock.mono_now());
  }
  EXPECT_EQ(throttle.accounts(), 100u);
  EXPECT_EQ(throttle.addresses(), 50u);
  EXPECT_EQ(throttle.begin({"admin", address(2)}, clock.mono_now()), Seconds(1));
}

}  // namespace
}  // namespace tollgate::services
