#include "stores/remote/breaker.h"

#include <gtest/gtest.h>

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kLongest = ~std::uint64_t{0};  // not exactly: the remainder decides

struct BreakerTest : ::testing::Test {
  void fail_until_open() {
    while (!breaker.open()) breaker.call_failed(now, 0);
  }
  MonoTime now{Seconds(100)};
  Breaker breaker;
};

TEST_F(BreakerTest, OpensAfterThreeFailuresInARowAndNotOtherwise) {
  for (int i = 0; i < 10; ++i) {
    breaker.call_failed(now, 0);
    breaker.call_failed(now, 0);
    breaker.call_succeeded();
  }
  EXPECT_FALSE(breaker.open());
  breaker.call_failed(now, 0);
  breaker.call_failed(now, 0);
  breaker.call_failed(now, 0);
  EXPECT_TRUE(breaker.open());
  EXPECT_EQ(breaker.opened(), 1u);
}

TEST_F(BreakerTest, ProbesOneAtATimeAfterWaitsThatDoubleToFiveSeconds) {
  fail_until_open();
  for (const int wait_ms : {50, 100, 200, 400, 800, 1600, 3200, 5000, 5000}) {
    // No randomness: half of the wait.
    const Nanos wait = Millis(wait_ms) / 2;
    EXPECT_FALSE(breaker.start_probe(now + wait - Nanos(1))) << wait_ms;
    ASSERT_TRUE(breaker.start_probe(now + wait)) << wait_ms;
    EXPECT_FALSE(breaker.start_probe(now + Seconds(1000))) << "a probe is under way";
    now += wait;
    breaker.probe_failed(now, 0);
  }
}

TEST_F(BreakerTest, WaitsAtMostTheWholeWaitWhateverTheDraw) {
  for (const std::uint64_t random :
       {std::uint64_t{1}, std::uint64_t{24'999'999}, std::uint64_t{25'000'000}, kLongest}) {
    Breaker fresh;
    for (int i = 0; i < 3; ++i) fresh.call_failed(now, random);
    EXPECT_FALSE(fresh.start_probe(now + Millis(25) - Nanos(1))) << random;
    EXPECT_TRUE(fresh.start_probe(now + Millis(50))) << random;
  }
}

TEST_F(BreakerTest, ClosesAfterAProbeThatWorkedAndOpensAgainAtTheNextFailure) {
  fail_until_open();
  ASSERT_TRUE(breaker.start_probe(now + Seconds(10)));
  breaker.probe_succeeded();
  EXPECT_FALSE(breaker.open());
  EXPECT_FALSE(breaker.start_probe(now + Seconds(20)));
  breaker.call_failed(now, 0);
  EXPECT_TRUE(breaker.open());
  EXPECT_FALSE(breaker.start_probe(now + Millis(49))) << "the wait went on doubling";
  ASSERT_TRUE(breaker.start_probe(now + Millis(50)));
  breaker.probe_succeeded();
  breaker.call_succeeded();
  breaker.call_failed(now, 0);
  EXPECT_FALSE(breaker.open()) << "a call that worked starts the count anew";
}

TEST_F(BreakerTest, AnAnswerThatWasOnItsWayClosesIt) {
  fail_until_open();
  breaker.call_succeeded();
  EXPECT_FALSE(breaker.open());
}

}  // namespace
}  // namespace tollgate::stores
