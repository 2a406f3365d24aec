// The bound that docs/adr/0003 states, once against a process that is really killed and then on random histories.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "tests/contract/limit_store_contract.h"
#include "tests/support/limiter_machine.h"
#include "tests/support/oracle_bucket.h"

namespace tollgate::stores {
namespace {

TEST(RestartBound, SigkillInTheMiddleOfRequestsForgetsNoneThatWasAnswered) {
  const testing::TempDir directory;
  int answered[2];
  ASSERT_EQ(::pipe(answered), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const SystemClock clock;
    auto store = std::move(*MemoryLimitStore::open(clock, {.directory = directory.path(), .drain_cells = kCells}));
    // 1,000 tokens of a bucket that refills one in 10 s.
    const core::TokenBucket slow =
        testing::rule_of({.refill_micro = kToken / 10, .max_burst = 1000, .tokens_per_window = 1000});
    while (true) {
      const core::LimitCheck check = check_of(slow, 1);
      const char allowed = store->decide({&check, 1}, {}).allowed ? 'y' : 'n';
      if (::write(answered[1], &allowed, 1) != 1) ::_exit(1);
    }
  }
  std::uint64_t admitted = 0;
  char answer = 0;
  for (int i = 0; i < 300 && ::read(answered[0], &answer, 1) == 1; ++i) admitted += answer == 'y' ? 1 : 0;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(answered[1]);
  while (::read(answered[0], &answer, 1) == 1) admitted += answer == 'y' ? 1 : 0;
  ::close(answered[0]);

  const SystemClock clock;
  auto store = std::move(*MemoryLimitStore::open(clock, {.directory = directory.path(), .drain_cells = kCells}));
  const core::TokenBucket slow =
      testing::rule_of({.refill_micro = kToken / 10, .max_burst = 1000, .tokens_per_window = 1000});
  const std::uint64_t left = testing::run_now(store->read(check_of(slow, 1))).value().remaining;
  EXPECT_LE(left + admitted, 1000u + 1) << "one token of refill at most";
  EXPECT_GE(left + admitted, 1000u - 3) << "the request in flight, and a second's rounding";
}

// Requests, snapshots, pauses, kills and clean stops at random moments, on keys of every age.
RC_GTEST_PROP(RestartBound, NeverAdmitsMoreThanBurstPlusRateTimesTimeAndASecondPerKill, ()) {
  const std::vector<core::TokenBucket> rules{
      testing::rule_of({.refill_micro = 10 * kToken, .max_burst = 100, .tokens_per_window = 100}),
      testing::rule_of({.refill_micro = 1000 * kToken, .max_burst = 100, .tokens_per_window = 100}),
      testing::rule_of({.refill_micro = kToken / 60, .max_burst = 3, .tokens_per_window = 2}),
      testing::rule_of({.refill_micro = 3 * kToken, .max_burst = 5, .tokens_per_window = 5})};
  struct Admitted {
    core::LimiterTime at;
    std::uint64_t cost;
    int kills;
  };
  Machine machine;
  std::map<std::pair<std::size_t, std::uint64_t>, std::vector<Admitted>> admitted;
  int kills = 0;
  for (int step = 0; step < 120; ++step) {
    machine.clock.advance(
        Nanos(*rc::gen::weightedOneOf<std::int64_t>({{4, rc::gen::just<std::int64_t>(0)},
                                                     {4, rc::gen::inRange<std::int64_t>(0, 400'000'000)},
                                                     {1, rc::gen::inRange<std::int64_t>(0, 5'000'000'000)}})));
    const int action = *rc::gen::inRange(0, 40);
    if (action == 0) {
      machine.kill(Nanos(*rc::gen::inRange<std::int64_t>(0, 2'000'000'000)));
      ++kills;
    } else if (action == 1) {
      machine.stop_cleanly();
    } else if (action < 4) {
      RC_ASSERT(machine.store->snapshot().has_value());
    } else if (action == 4) {
      machine.store->sweep();
    } else {
      const auto rule = *rc::gen::inRange<std::size_t>(0, rules.size());
      const auto key = *rc::gen::inRange<std::uint64_t>(0, 3);
      const std::uint64_t burst = rules[rule].spec().max_burst;
      const auto cost = *rc::gen::element<std::uint64_t>(1, 2, burst / 2 + 1, burst);
      if (machine.admits(check_of(rules[rule], key * 10 + rule, cost))) {
        admitted[{rule, key}].push_back({machine.store->now(), cost, kills});
      }
    }
  }
  for (const auto& [which, list] : admitted) {
    const core::TokenBucketSpec& spec = rules[which.first].spec();
    const testing::OracleBucket ideal(spec, 0, {});
    for (std::size_t from = 0; from < list.size(); ++from) {
      testing::Exact sum = 0;
      for (std::size_t to = from; to < list.size(); ++to) {
        sum += list[to].cost * testing::kExactToken;
        const Nanos time = (list[to].at - list[from].at) + Seconds(list[to].kills - list[from].kills);
        RC_ASSERT(sum <= spec.max_burst * testing::kExactToken + ideal.refill_of(time + Nanos(2)));
      }
    }
  }
}

}  // namespace
}  // namespace tollgate::stores
