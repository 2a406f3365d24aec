#include "runtime/deadline.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace tollgate::runtime {
namespace {

class Alarm final : public Deadline {
 public:
  std::function<void()> action = [] {};
  int rings = 0;

 private:
  void on_deadline() override {
    ++rings;
    action();
  }
};

class Wheel : public ::testing::Test {
 protected:
  Wheel() { wheel_.advance(start_); }
  MonoTime at(std::int64_t ms) const { return start_ + Millis(ms); }
  // As the loop does: a tick at a time.
  void run_until(MonoTime end) {
    for (; now_ <= end; now_ = wheel_.next_tick()) wheel_.advance(now_);
  }

  const MonoTime start_ = MonoTime(Seconds(1'000)) + Nanos(12'345'678);
  MonoTime now_ = start_;
  DeadlineWheel wheel_;
};

TEST_F(Wheel, NeverRingsEarlyAndAtMostATickLate) {
  std::mt19937_64 random(7);
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::size_t rung = 0;
  for (int i = 0; i < 500; ++i) {
    alarms.push_back(std::make_unique<Alarm>());
    const MonoTime due = start_ + Nanos(static_cast<std::int64_t>(random() % 30'000'000'000));  // beyond one turn, too
    alarms.back()->action = [this, due, &rung] {
      EXPECT_GE(now_, due);
      EXPECT_LE(now_ - due, DeadlineWheel::kTick);
      ++rung;
    };
    wheel_.arm(*alarms.back(), due);
  }
  run_until(at(31'000));
  EXPECT_EQ(rung, 500U);
  EXPECT_TRUE(wheel_.empty());
}

TEST_F(Wheel, AMovedDeadlineRingsOnceAtItsLastTime) {
  Alarm later;
  Alarm earlier;
  wheel_.arm(later, at(100));
  wheel_.arm(later, at(500));
  wheel_.arm(earlier, at(500));
  wheel_.arm(earlier, at(100));
  run_until(at(300));
  EXPECT_EQ(later.rings, 0);
  EXPECT_EQ(earlier.rings, 1);
  run_until(at(1'000));
  EXPECT_EQ(later.rings, 1);
  EXPECT_EQ(earlier.rings, 1);
}

TEST_F(Wheel, ADisarmedOrDestroyedDeadlineNeverRings) {
  Alarm disarmed;
  auto destroyed = std::make_unique<Alarm>();
  destroyed->action = [] { FAIL(); };
  wheel_.arm(disarmed, at(100));
  wheel_.arm(*destroyed, at(100));
  disarmed.disarm();
  destroyed.reset();
  run_until(at(300));
  EXPECT_EQ(disarmed.rings, 0);
  wheel_.arm(disarmed, at(500));  // and can be used again
  run_until(at(700));
  EXPECT_EQ(disarmed.rings, 1);
}

TEST_F(Wheel, ACallbackMayArmDisarmAndDestroyOthersOfItsSlot) {
  std::vector<std::unique_ptr<Alarm>> same;
  for (int i = 0; i < 3; ++i) {
    same.push_back(std::make_unique<Alarm>());
    wheel_.arm(*same.back(), at(100));
  }
  int rings = 0;
  for (auto& alarm : same) {
    alarm->action = [&, self = alarm.get()] {
      ++rings;
      for (auto& other : same) {
        if (other.get() != self) other.reset();  // whichever is first is the only one
      }
      if (rings == 1) wheel_.arm(*self, at(400));
    };
  }
  run_until(at(300));
  EXPECT_EQ(rings, 1);
  run_until(at(600));
  EXPECT_EQ(rings, 2);
}

TEST_F(Wheel, AfterALongSleepEverythingDueRingsAndNothingElse) {
  Alarm due;
  Alarm not_due;
  wheel_.arm(due, at(100));
  wheel_.arm(not_due, at(100'000));
  now_ = at(60'000);
  wheel_.advance(now_);
  EXPECT_EQ(due.rings, 1);
  EXPECT_EQ(not_due.rings, 0);
  run_until(at(101'000));
  EXPECT_EQ(not_due.rings, 1);
}

}  // namespace
}  // namespace tollgate::runtime
