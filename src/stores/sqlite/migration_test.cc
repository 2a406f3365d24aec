#include "stores/sqlite/migration.h"

#include <gtest/gtest.h>

#include "stores/sqlite/database.h"
#include "stores/sqlite/scratch_directory_test.h"

namespace tollgate::stores {
namespace {

constexpr Migration kSteps[] = {
    {1, "0001_items", "CREATE TABLE items (id INTEGER PRIMARY KEY); INSERT INTO items VALUES (1);"},
    {2, "0002_names", "ALTER TABLE items ADD COLUMN name TEXT NOT NULL DEFAULT 'none';"},
    {3, "0003_broken", "CREATE TABLE half (id); INSERT INTO missing VALUES (1);"},
};

class MigrationTest : public testing::Test {
 protected:
  Result<Database> open(std::size_t steps) {
    return Database::open(path_, {.migrations = std::span(kSteps).first(steps)});
  }
  std::int64_t number(Database& database, const char* sql) { return database.query_int(sql).value_or(-1); }

  ScratchDirectory scratch_;
  std::string path_ = scratch_.file("test.db");
};

TEST_F(MigrationTest, StepsRunOnceAndInOrder) {
  for (int open_count = 0; open_count < 3; ++open_count) {
    auto database = open(1);
    ASSERT_TRUE(database);
    EXPECT_EQ(number(*database, "PRAGMA user_version"), 1);
    EXPECT_EQ(number(*database, "SELECT count(*) FROM items"), 1);
  }
  auto database = open(2);
  ASSERT_TRUE(database);
  EXPECT_EQ(number(*database, "PRAGMA user_version"), 2);
  EXPECT_EQ(number(*database, "SELECT count(*) FROM items WHERE name = 'none'"), 1);
}

TEST_F(MigrationTest, AFailedStepLeavesTheSchemaBeforeIt) {
  const auto failed = open(3);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().detail().find("0003_broken"), std::string::npos) << failed.error().to_string();
  auto database = open(2);
  ASSERT_TRUE(database);
  EXPECT_EQ(number(*database, "PRAGMA user_version"), 2);
  EXPECT_EQ(number(*database, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
}

TEST_F(MigrationTest, AFileOfANewerVersionIsRefusedAndUntouched) {
  ASSERT_TRUE(open(2));
  const auto older = open(1);
  ASSERT_FALSE(older);
  EXPECT_TRUE(older.error().is(codes::data_dir_unusable));
  EXPECT_NE(older.error().detail().find("newer Tollgate (schema 2, this one knows 1)"), std::string::npos);
  auto database = open(2);
  ASSERT_TRUE(database);
  EXPECT_EQ(number(*database, "SELECT count(*) FROM items"), 1);
}

}  // namespace
}  // namespace tollgate::stores
