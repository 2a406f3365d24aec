#include "stores/sqlite/query_deadline.h"

#include <gtest/gtest.h>

#include "stores/sqlite/scratch_directory_test.h"

namespace tollgate::stores {
namespace {

// Counts to a hundred thousand: enough steps for several looks at the clock.
constexpr const char* kLongQuery =
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000) "
    "SELECT count(*) FROM numbers";

TEST(QueryDeadline, AQueryBeyondItIsStoppedAndTheConnectionLivesOn) {
  const ScratchDirectory scratch;
  Database database = Database::open(scratch.file("test.db"), {}).value();
  const ManualClock clock;
  {
    const QueryDeadline deadline(database, clock, Nanos(0));
    const auto stopped = database.query_int(kLongQuery);
    ASSERT_FALSE(stopped);
    EXPECT_TRUE(stopped.error().is(codes::store_unavailable));
    EXPECT_NE(stopped.error().detail().find("deadline"), std::string::npos);
  }
  EXPECT_EQ(database.query_int(kLongQuery).value(), 100'000);
}

TEST(QueryDeadline, AQueryWithinItIsNotDisturbed) {
  const ScratchDirectory scratch;
  Database database = Database::open(scratch.file("test.db"), {}).value();
  const ManualClock clock;
  const QueryDeadline deadline(database, clock, Nanos(1));
  EXPECT_EQ(database.query_int(kLongQuery).value(), 100'000);
}

}  // namespace
}  // namespace tollgate::stores
