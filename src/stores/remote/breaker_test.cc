#include "stores/remote/breaker.h"

#include <gtest/gtest.h>

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kLongest = ~std::uint64_t{0};  // not exactly: the remainder decides

class BreakerTest : public ::testing::Test {
 protected:
  void fail_until_open() {
    while (!breaker_.open()) breaker_.call_failed(now_, 0);
  }
  MonoTime now_{Seconds(100)};
  Breaker breaker_;
};

TEST_F(BreakerTest, OpensAfterThreeFailuresInARowAndNotOtherwise) {
  for (int i = 0; i < 10; ++i) {
    breaker_.call_failed(now_, 0);
    breaker_.call_failed(now_, 0);
    breaker_.call_succeeded();
  }
  EXPECT_FALSE(breaker_.open());
  breaker_.call_failed(now_, 0);
  breaker_.call_failed(now_, 0);
  breaker_.call_failed(now_, 0);
  EXPECT_TRUE(breaker_.open());
  EXPECT_EQ(breaker_.opened(), 1u);
}

TEST_F(BreakerTest, ProbesOneAtATimeAfterWaitsThatDoubleToFiveSeconds) {
  fail_until_open();
  for (const int wait_ms : {50, 100, 200, 400, 800, 1600, 3200, 5000, 5000}) {
    // No randomness: half of the wait.
    const Nanos wait = Millis(wait_ms) / 2;
    EXPECT_FALSE(breaker_.start_probe(now_ + wait - Nanos(1))) << wait_ms;
    ASSERT_TRUE(breaker_.start_probe(now_ + wait)) << wait_ms;
    EXPECT_FALSE(breaker_.start_probe(now_ + Seconds(1000))) << "a probe is under way";
    now_ += wait;
    breaker_.probe_failed(now_, 0);
  }
}

TEST_F(BreakerTest, WaitsAtMostTheWholeWaitWhateverTheDraw) {
  for (const std::uint64_t random :
       {std::uint64_t{1}, std::uint64_t{24'999'999}, std::uint64_t{25'000'000}, kLongest}) {
    Breaker breaker;
    for (int i = 0; i < 3; ++i) breaker.call_failed(now_, random);
    EXPECT_FALSE(breaker.start_probe(now_ + Millis(25) - Nanos(1))) << random;
    EXPECT_TRUE(breaker.start_probe(now_ + Millis(50))) << random;
  }
}

TEST_F(BreakerTest, ClosesAfterAProbeThatWorkedAndOpensAgainAtTheNextFailure) {
  fail_until_open();
  ASSERT_TRUE(breaker_.start_probe(now_ + Seconds(10)));
  breaker_.probe_succeeded();
  EXPECT_FALSE(breaker_.open());
  EXPECT_FALSE(breaker_.start_probe(now_ + Seconds(20)));
  breaker_.call_failed(now_, 0);
  EXPECT_TRUE(breaker_.open());
  EXPECT_FALSE(breaker_.start_probe(now_ + Millis(49))) << "the wait went on doubling";
  ASSERT_TRUE(breaker_.start_probe(now_ + Millis(50)));
  breaker_.probe_succeeded();
  breaker_.call_succeeded();
  breaker_.call_failed(now_, 0);
  EXPECT_FALSE(breaker_.open()) << "a call that worked starts the count anew";
}

TEST_F(BreakerTest, AnAnswerThatWasOnItsWayClosesIt) {
  fail_until_open();
  breaker_.call_succeeded();
  EXPECT_FALSE(breaker_.open());
}

}  // namespace
}  // namespace tollgate::stores
