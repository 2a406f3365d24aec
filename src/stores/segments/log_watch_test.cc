#include "stores/segments/log_watch.h"

#include <gtest/gtest.h>

namespace tollgate::stores {
namespace {

using enum LogCondition;

constexpr MonoTime at(int second) {
  return MonoTime(Seconds(second));
}

TEST(LogWatch, TellsAtOnceWhatIsWorseAndNothingTwice) {
  LogWatch watch;
  EXPECT_EQ(watch.look(whole, at(1)), std::nullopt);
  EXPECT_EQ(watch.look(in_memory, at(2)), in_memory);
  EXPECT_EQ(watch.look(waiting, at(2)), std::nullopt);
  EXPECT_EQ(watch.look(counting, at(2)), counting);
  EXPECT_EQ(watch.look(waiting, at(3)), std::nullopt);
  EXPECT_EQ(watch.look(counting, at(4)), std::nullopt);
  EXPECT_EQ(watch.look(dropping, at(4)), dropping);
}

TEST(LogWatch, TellsWhatIsBetterOnceItHasLasted) {
  LogWatch watch;
  EXPECT_EQ(watch.look(counting, at(10)), counting);
  EXPECT_EQ(watch.look(whole, at(12)), std::nullopt);
  EXPECT_EQ(watch.look(counting, at(12)), std::nullopt) << "it was not over";
  EXPECT_EQ(watch.look(whole, at(14)), std::nullopt);
  EXPECT_EQ(watch.look(whole, at(15)), whole);
  EXPECT_EQ(watch.look(whole, at(20)), std::nullopt);
  EXPECT_EQ(watch.look(counting, at(21)), counting);
}

}  // namespace
}  // namespace tollgate::stores
