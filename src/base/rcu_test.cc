#include "base/rcu.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace tollgate {
namespace {

// Poisons itself when freed, and counts who is alive.
struct Tracked {
  static inline std::atomic<int> alive{0};
  explicit Tracked(int n) : number(n), twice(n * 2) { ++alive; }
  Tracked(const Tracked&) = delete;
  Tracked& operator=(const Tracked&) = delete;
  ~Tracked() {
    number = -1;
    twice = 7;
    --alive;
  }
  bool sound() const { return twice == number * 2; }
  int number;
  int twice;
};

class RcuTest : public testing::Test {
 protected:
  void TearDown() override {
    RcuDomain::instance().drain();
    EXPECT_EQ(Tracked::alive, 0);
  }
};

TEST_F(RcuTest, WithoutReadersAReplacedValueIsFreedByDrain) {
  RcuPointer<Tracked> pointer(new Tracked(1));
  pointer.replace(new Tracked(2));
  RcuDomain::instance().drain();
  EXPECT_EQ(Tracked::alive, 1);
  const RcuReadGuard guard;
  EXPECT_EQ(pointer.load()->number, 2);
}

TEST_F(RcuTest, AValueLivesWhileAGuardThatMayHaveSeenItDoes) {
  RcuPointer<Tracked> pointer(new Tracked(1));
  {
    const RcuReadGuard outer;
    const Tracked* seen = pointer.load();
    {
      const RcuReadGuard inner;
      pointer.replace(new Tracked(2));
    }
    pointer.replace(new Tracked(3));
    EXPECT_TRUE(seen->sound());
    EXPECT_EQ(seen->number, 1);
    EXPECT_EQ(Tracked::alive, 3);
  }
  RcuDomain::instance().drain();
  EXPECT_EQ(Tracked::alive, 1);
}

TEST_F(RcuTest, ReadersNeverSeeAFreedValueWhileWritersReplaceIt) {
  RcuPointer<Tracked> pointer(new Tracked(0));
  std::atomic<bool> stop{false};
  std::atomic<int> unsound{0};
  std::latch started(3);
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&] {
      started.count_down();
      int last = 0;
      while (!stop) {
        const RcuReadGuard guard;
        const Tracked* value = pointer.load();
        if (!value->sound() || value->number < last) ++unsound;
        last = value->number;
      }
    });
  }
  started.wait();
  for (int i = 1; i <= 20'000; ++i) pointer.replace(new Tracked(i));
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(unsound, 0);
}

TEST_F(RcuTest, ThreadsThatEndGiveTheirPlaceBack) {
  for (std::size_t i = 0; i < 2 * RcuDomain::kMaxThreads; ++i) {
    std::thread([] { const RcuReadGuard guard; }).join();
  }
}

}  // namespace
}  // namespace tollgate
