// What a restart keeps: everything after close(), and never too much after a kill. A kill is played by opening the
// directory again while the old store was simply dropped (nothing in its destructor writes), and once done for real.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "stores/memory/memory_limit_store.h"
#include "tests/contract/limit_store_contract.h"
#include "tests/support/oracle_bucket.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kToken = 1'000'000;
constexpr std::size_t kCells = 1u << 12;

// One machine: a clock, a directory and the processes that come and go on it.
class Machine {
 public:
  Machine() { start(); }

  void start(std::size_t max_bytes = 1u << 20) {
    store_.reset();
    store_ = std::move(*MemoryLimitStore::open(
        clock_,
        {.max_bytes = max_bytes,
         .directory = directory_.path(),
         .host = [this] { return HostMoment{boot_, Nanos(clock_.mono_now().time_since_epoch()), clock_.wall_now()}; },
         .drain_cells = kCells}));
  }
  void kill(Nanos down = Nanos(0)) {
    store_.reset();
    clock_.advance(down);
    start();
  }
  void stop_cleanly(Nanos down = Nanos(0)) {
    ASSERT_TRUE(store_->close().has_value());
    kill(down);
  }
  void reboot() { boot_[0] = static_cast<char>(boot_[0] + 1); }
  bool admits(const core::LimitCheck& check) { return store_->decide({&check, 1}, {}).allowed; }
  std::uint64_t level(const core::LimitCheck& check) { return testing::run_now(store_->read(check)).value().remaining; }
  std::string file(const std::string& name) const { return directory_.file(name); }

  ManualClock clock_;
  testing::TempDir directory_{testing::fast_parent()};
  std::array<char, 36> boot_{'b'};
  std::unique_ptr<MemoryLimitStore> store_;
};

core::LimitCheck check_of(const core::TokenBucket& rule, std::uint64_t key, std::uint64_t cost = 1) {
  return {.rule = &rule, .bucket = hash_tuple({std::to_string(key)}, 4), .cost = cost, .created = {}, .shadow = false};
}

class Restart : public ::testing::Test {
 protected:
  core::LimitCheck check(std::uint64_t key, std::uint64_t cost = 1) const { return check_of(rule_, key, cost); }

  core::TokenBucket rule_ = testing::rule_of({.refill_micro = kToken, .max_burst = 100, .tokens_per_window = 100});
  Machine machine_;
};

TEST_F(Restart, FirstStartReportsNothingMissing) {
  EXPECT_TRUE(machine_.store_->restored().first_start);
  EXPECT_EQ(machine_.store_->restored().problem, "");
}

TEST_F(Restart, AfterCloseEveryLevelIsExactAndOnlyTheTimeDownWasRefilled) {
  machine_.admits(check(1, 90));
  machine_.admits(check(2, 1));
  machine_.stop_cleanly(Seconds(30));
  EXPECT_TRUE(machine_.store_->restored().clean);
  EXPECT_EQ(machine_.store_->restored().buckets, 1u) << "the other is full by now";
  EXPECT_EQ(machine_.level(check(1)), 40u);
  EXPECT_EQ(machine_.level(check(2)), 100u);
}

TEST_F(Restart, SeedStaysTheSameEvenWhenKilledBeforeTheFirstSnapshot) {
  const std::uint64_t seed = machine_.store_->seed();
  machine_.kill();
  EXPECT_EQ(machine_.store_->seed(), seed);
  machine_.stop_cleanly();
  EXPECT_EQ(machine_.store_->seed(), seed);
}

TEST_F(Restart, DrainedBucketIsStillDrainedAfterAKillWithoutAnySnapshot) {
  machine_.admits(check(1, 100));
  machine_.kill();
  EXPECT_FALSE(machine_.store_->restored().clean);
  EXPECT_FALSE(machine_.admits(check(1)));
  machine_.clock_.advance(Seconds(50));
  EXPECT_GE(machine_.level(check(1)), 49u);
  EXPECT_LE(machine_.level(check(1)), 51u);
}

TEST_F(Restart, KillBetweenSnapshotsForgetsNothingThatWasTakenAfterTheLast) {
  machine_.admits(check(1, 10));
  ASSERT_TRUE(machine_.store_->snapshot().has_value());
  machine_.admits(check(1, 90));
  machine_.kill();
  EXPECT_FALSE(machine_.admits(check(1)));
}

TEST_F(Restart, KillCostsABucketAtMostOneSecondOfRefill) {
  machine_.admits(check(1, 60));
  machine_.kill();
  EXPECT_GE(machine_.level(check(1)), 39u);
  EXPECT_LE(machine_.level(check(1)), 41u);
}

TEST_F(Restart, UntouchedBucketIsFullAfterAKill) {
  machine_.admits(check(1, 100));
  machine_.kill();
  EXPECT_EQ(machine_.level(check(2)), 100u);
}

TEST_F(Restart, ResetBucketIsNotDrainedFurtherThanItWasByAKill) {
  machine_.admits(check(1, 100));
  ASSERT_TRUE(testing::run_now(machine_.store_->reset(check(1))).has_value());
  ASSERT_TRUE(machine_.store_->snapshot().has_value());
  machine_.admits(check(1, 100));
  machine_.kill();
  EXPECT_FALSE(machine_.admits(check(1))) << "taken again after the reset and the snapshot";
}

TEST_F(Restart, WallClockStepsWhileDownDoNotMintTokens) {
  machine_.admits(check(1, 100));
  for (const Nanos step : {Nanos(std::chrono::hours(1)), Nanos(std::chrono::hours(-2))}) {
    ASSERT_TRUE(machine_.store_->close().has_value());
    machine_.clock_.step_wall(step);
    machine_.kill(Seconds(5));
  }
  EXPECT_EQ(machine_.level(check(1)), 10u);
}

TEST_F(Restart, AfterARebootTheWallClockCounts) {
  machine_.admits(check(1, 100));
  ASSERT_TRUE(machine_.store_->close().has_value());
  machine_.reboot();
  machine_.kill(Seconds(20));
  EXPECT_EQ(machine_.level(check(1)), 20u);
}

TEST_F(Restart, DamagedSnapshotIsReportedAndTheDrainMapStillHolds) {
  machine_.admits(check(1, 100));
  ASSERT_TRUE(machine_.store_->close().has_value());
  std::string content = *read_file(machine_.file("limiter.snapshot"));
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
  ASSERT_TRUE(write_file_atomic(machine_.file("limiter.snapshot"), content, 0600).has_value());
  machine_.kill();
  EXPECT_NE(machine_.store_->restored().problem, "");
  EXPECT_FALSE(machine_.store_->restored().clean);
  EXPECT_FALSE(machine_.admits(check(1)));
  EXPECT_EQ(machine_.level(check(2)), 100u);
}

TEST_F(Restart, WithoutAReadableDrainMapEveryBucketStartsEmpty) {
  machine_.admits(check(1, 50));
  ASSERT_TRUE(machine_.store_->snapshot().has_value());
  const std::uint64_t seed = machine_.store_->seed();
  ASSERT_TRUE(write_file_atomic(machine_.file("limiter.drains"), "rubbish", 0600).has_value());
  machine_.kill();
  EXPECT_NE(machine_.store_->restored().problem, "");
  EXPECT_EQ(machine_.store_->seed(), seed) << "the snapshot has it too";
  EXPECT_FALSE(machine_.admits(check(1)));
  EXPECT_FALSE(machine_.admits(check(2)));
  machine_.clock_.advance(Seconds(10));
  EXPECT_EQ(machine_.level(check(1)), 10u);
  EXPECT_EQ(machine_.level(check(2)), 10u);
}

TEST_F(Restart, BucketThatNobodyAskedForBetweenAKillAndACloseIsStillDrained) {
  machine_.admits(check(1, 100));
  machine_.admits(check(2, 50));
  ASSERT_TRUE(machine_.store_->snapshot().has_value());
  machine_.admits(check(2, 50));
  machine_.admits(check(3, 100));
  machine_.kill();
  machine_.stop_cleanly();
  for (const std::uint64_t key : {1u, 2u, 3u}) EXPECT_FALSE(machine_.admits(check(key))) << key;
}

TEST_F(Restart, AssumptionThatAllIsEmptyOutlivesAnotherKill) {
  ASSERT_TRUE(write_file_atomic(machine_.file("limiter.drains"), "rubbish", 0600).has_value());
  machine_.kill();
  machine_.kill();
  EXPECT_FALSE(machine_.admits(check(1)));
  machine_.stop_cleanly();
  EXPECT_FALSE(machine_.admits(check(1)));
  machine_.clock_.advance(Seconds(100));
  EXPECT_EQ(machine_.level(check(1)), 100u);
}

TEST_F(Restart, SmallerCapThanBeforeMakesNoBucketFresh) {
  machine_.start(8u << 20);
  for (std::uint64_t key = 0; key < 20'000; ++key) ASSERT_TRUE(machine_.admits(check(key, 100)));
  ASSERT_TRUE(machine_.store_->close().has_value());
  machine_.start(256 * 32 * 16);
  std::uint64_t admitted = 0;
  for (std::uint64_t key = 0; key < 20'000; ++key) admitted += machine_.admits(check(key)) ? 1u : 0u;
  EXPECT_EQ(admitted, 0u);
}

TEST_F(Restart, SharedOverflowBucketIsNotFreshAfterCloseOrKill) {
  machine_.start(256 * 32 * 16);
  std::uint64_t key = 0;
  while (machine_.store_->stats().overflow_decisions == 0) machine_.admits(check(++key, 100));
  machine_.stop_cleanly();
  machine_.start(256 * 32 * 16);
  EXPECT_FALSE(machine_.admits(check(key)));
  machine_.kill();
  machine_.start(256 * 32 * 16);
  EXPECT_FALSE(machine_.admits(check(key)));
}

TEST_F(Restart, DirectoryThatCannotBeWrittenIsAnError) {
  const auto opened = MemoryLimitStore::open(machine_.clock_, {.directory = machine_.file("nowhere")});
  ASSERT_FALSE(opened.has_value());
  EXPECT_TRUE(opened.error().is(codes::io_failed));
}

TEST_F(Restart, WithoutADirectoryNothingIsWritten) {
  auto store = std::move(*MemoryLimitStore::open(machine_.clock_, {}));
  EXPECT_TRUE(store->snapshot().has_value());
  EXPECT_TRUE(store->close().has_value());
}

TEST_F(Restart, SigkillInTheMiddleOfRequestsForgetsNoneThatWasAnswered) {
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
RC_GTEST_PROP(RestartProperty, NeverAdmitsMoreThanBurstPlusRateTimesTimeAndASecondPerKill, ()) {
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
    machine.clock_.advance(
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
      RC_ASSERT(machine.store_->snapshot().has_value());
    } else if (action == 4) {
      machine.store_->sweep();
    } else {
      const auto rule = *rc::gen::inRange<std::size_t>(0, rules.size());
      const auto key = *rc::gen::inRange<std::uint64_t>(0, 3);
      const std::uint64_t burst = rules[rule].spec().max_burst;
      const auto cost = *rc::gen::element<std::uint64_t>(1, 2, burst / 2 + 1, burst);
      if (machine.admits(check_of(rules[rule], key * 10 + rule, cost))) {
        admitted[{rule, key}].push_back({machine.store_->now(), cost, kills});
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
