#include "crypto/gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tollgate::crypto {
namespace {

TEST(Gate, TurnsAwayAtOnceWhatNeitherFitsInsideNorInTheQueue) {
  Gate gate({.inside = 2, .waiting = 16});
  std::atomic<int> inside{0}, peak{0}, served{0};
  std::vector<std::thread> threads;
  {
    const auto first = gate.enter(), second = gate.enter();
    ASSERT_TRUE(first && second);
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&] {
        const auto ticket = gate.enter();
        if (!ticket) return;
        const int now_inside = ++inside;
        for (int seen = peak; seen < now_inside && !peak.compare_exchange_weak(seen, now_inside);) {
        }
        std::this_thread::yield();
        ++served;
        --inside;
      });
    }
    while (gate.waiting() < 16) std::this_thread::yield();
    const auto refused = gate.enter();
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(codes::busy));
    EXPECT_EQ(served, 0);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(served, 16);
  EXPECT_LE(peak, 2);
  EXPECT_TRUE(gate.enter());
}

}  // namespace
}  // namespace tollgate::crypto
