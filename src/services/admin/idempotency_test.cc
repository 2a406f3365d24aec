#include "services/admin/idempotency.h"

#include <gtest/gtest.h>

namespace tollgate::services {
namespace {

TEST(Idempotency, RemembersPerCallerForADay) {
  IdempotencyTable table;
  ManualClock clock;
  const IdempotencyTable::Key key{"anna", "k"};
  EXPECT_EQ(table.begin(key, clock.mono_now()), std::nullopt);
  EXPECT_EQ(table.begin(key, clock.mono_now()), "");  // under way
  table.made(key, "id");
  EXPECT_EQ(table.begin(key, clock.mono_now()), "id");
  EXPECT_EQ(table.begin({"bert", "k"}, clock.mono_now()), std::nullopt);
  clock.advance(IdempotencyTable::kRemembered - Nanos(1));
  EXPECT_EQ(table.begin(key, clock.mono_now()), "id");
  clock.advance(Nanos(1));
  EXPECT_EQ(table.begin(key, clock.mono_now()), std::nullopt);
}

TEST(Idempotency, ForgetsFailuresAndIsBounded) {
  IdempotencyTable table;
  ManualClock clock;
  EXPECT_EQ(table.begin({"anna", "k"}, clock.mono_now()), std::nullopt);
  table.failed({"anna", "k"});
  EXPECT_EQ(table.begin({"anna", "k"}, clock.mono_now()), std::nullopt);
  for (std::size_t i = 0; i < IdempotencyTable::kMax + 100; ++i) {
    clock.advance(Nanos(1));
    table.begin({"anna", std::to_string(i)}, clock.mono_now());
  }
  EXPECT_EQ(table.size(), IdempotencyTable::kMax);
  EXPECT_EQ(table.begin({"anna", "k"}, clock.mono_now()), std::nullopt);  // the oldest went first
}

}  // namespace
}  // namespace tollgate::services
