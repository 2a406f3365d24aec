#include "stores/sqlite/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/transaction.h"

namespace tollgate::stores {
namespace {

constexpr Migration kSchema[] = {{1, "0001_items", "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE, n)"}};
const DatabaseOptions kOptions{.migrations = kSchema, .busy_timeout = Millis(1)};
const DatabaseOptions kReader{.reader = true, .busy_timeout = Millis(1)};

class DatabaseTest : public testing::Test {
 protected:
  Database open(const DatabaseOptions& options = kOptions) { return Database::open(path_, options).value(); }
  void overwrite(std::streamoff at, const std::string& bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << bytes;
  }
  // Enough rows for a tree of many pages.
  void fill(Database& database) {
    Transaction transaction = Transaction::begin(database).value();
    Statement insert = database.prepare("INSERT INTO items (name, n) VALUES (?1, ?2)").value();
    for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(insert.run(std::string(100, 'x') + std::to_string(i), i));
    ASSERT_TRUE(transaction.commit());
  }

  ScratchDirectory scratch_;
  std::string path_ = scratch_.file("test.db");
};

TEST_F(DatabaseTest, FilesArePrivateToTheirOwner) {
  const mode_t before = ::umask(0);
  Database database = open();
  ASSERT_TRUE(database.execute("INSERT INTO items (name) VALUES ('a')"));
  ::umask(before);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777u, 0600u) << suffix;
  }
}

TEST_F(DatabaseTest, WritesAreDurableBeforeTheyReturn) {
  Database database = open();
  EXPECT_EQ(database.query_int("PRAGMA synchronous").value(), 2);
  EXPECT_EQ(database.query_int("PRAGMA foreign_keys").value(), 1);
  Statement mode = database.prepare("PRAGMA journal_mode").value();
  ASSERT_TRUE(mode.step().value());
  EXPECT_EQ(mode.text(0), "wal");
}

TEST_F(DatabaseTest, BoundValuesComeBackAsTheyWere) {
  Database database = open();
  Statement echo = database.prepare("SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8").value();
  const std::string text("a\0'; DROP TABLE items; --", 25);
  const WallTime time(Nanos(1'790'000'000'123'456'789));
  echo.bind(-5, std::uint64_t{0xffffffffffffffff}, 0.25, text, Blob{std::string_view("\xff\x00", 2)}, time,
            std::optional<int>(), std::string_view());
  ASSERT_TRUE(echo.step().value());
  EXPECT_EQ(echo.integer(0), -5);
  EXPECT_EQ(echo.unsigned_integer(1), 0xffffffffffffffff);
  EXPECT_EQ(echo.real(2), 0.25);
  EXPECT_EQ(echo.text(3), text);
  EXPECT_EQ(echo.blob(4), std::string_view("\xff\x00", 2));
  EXPECT_EQ(echo.time(5), time);
  EXPECT_TRUE(echo.is_null(6));
  EXPECT_EQ(echo.optional_time(6), std::nullopt);
  EXPECT_FALSE(echo.is_null(7));
  EXPECT_FALSE(echo.step().value());
}

TEST_F(DatabaseTest, AnUncommittedTransactionLeavesNothing) {
  Database database = open();
  {
    const Transaction transaction = Transaction::begin(database).value();
    ASSERT_TRUE(database.execute("INSERT INTO items (name) VALUES ('a')"));
  }
  EXPECT_EQ(database.query_int("SELECT count(*) FROM items").value(), 0);
  Transaction transaction = Transaction::begin(database).value();
  ASSERT_TRUE(database.execute("INSERT INTO items (name) VALUES ('b')"));
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(database.query_int("SELECT count(*) FROM items").value(), 1);
}

TEST_F(DatabaseTest, ABrokenConstraintIsAConflictAndTheStatementIsUsableAgain) {
  Database database = open();
  Statement insert = database.prepare("INSERT INTO items (name) VALUES (?1)").value();
  ASSERT_TRUE(insert.run("a"));
  const auto again = insert.run("a");
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().is(codes::conflict)) << again.error().to_string();
  EXPECT_TRUE(insert.run("b"));
}

TEST_F(DatabaseTest, ALockHeldElsewhereIsReportedAfterTheWaitAndNothingIsWritten) {
  Database holder = open();
  Database other = open();
  Transaction transaction = Transaction::begin(holder).value();
  const auto begun = Transaction::begin(other);
  ASSERT_FALSE(begun);
  EXPECT_TRUE(begun.error().is(codes::store_unavailable)) << begun.error().to_string();
  EXPECT_NE(begun.error().detail().find(path_), std::string::npos);
  ASSERT_TRUE(transaction.commit());
  EXPECT_TRUE(Transaction::begin(other));
}

TEST_F(DatabaseTest, ReadersSeeTheLastCommitWhileAWriterWritesAndCannotWrite) {
  Database writer = open();
  Database reader = open(kReader);
  Transaction transaction = Transaction::begin(writer).value();
  ASSERT_TRUE(writer.execute("INSERT INTO items (name) VALUES ('a')"));
  EXPECT_EQ(reader.query_int("SELECT count(*) FROM items").value(), 0);
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(reader.query_int("SELECT count(*) FROM items").value(), 1);
  const auto written = reader.execute("INSERT INTO items (name) VALUES ('b')");
  ASSERT_FALSE(written);
  EXPECT_TRUE(written.error().is(codes::store_unavailable)) << written.error().to_string();
}

TEST_F(DatabaseTest, AReaderOfAMissingFileIsRefused) {
  const auto opened = Database::open(path_, kReader);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().is(codes::data_dir_unusable));
}

TEST_F(DatabaseTest, ADirectoryThatIsMissingOrReadOnlyIsNamed) {
  // Nobody, not even root, may create a file in /proc/self.
  for (const std::string& path : {scratch_.file("missing/test.db"), std::string("/proc/self/test.db")}) {
    const auto opened = Database::open(path, kOptions);
    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().is(codes::data_dir_unusable));
    EXPECT_NE(opened.error().detail().find(path), std::string::npos) << opened.error().to_string();
  }
}

TEST_F(DatabaseTest, AnOverwrittenHeaderIsReportedAsCorrupt) {
  {
    Database database = open();
  }
  overwrite(0, std::string(100, '\x5a'));
  const auto opened = Database::open(path_, kOptions);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().is(codes::store_corrupt)) << opened.error().to_string();
  EXPECT_NE(opened.error().detail().find(path_), std::string::npos);
  EXPECT_NE(opened.error().detail().find("restore a backup"), std::string::npos);
}

TEST_F(DatabaseTest, DamageInTheMiddleIsAnErrorOfTheQueryThatMeetsIt) {
  {
    Database database = open();
    fill(database);
  }
  overwrite(8 * 4096, std::string(20 * 4096, '\xff'));
  Database database = open();
  Statement all = database.prepare("SELECT n FROM items ORDER BY id").value();
  const auto read = all.each([](const Statement&) {});
  ASSERT_FALSE(read);
  EXPECT_TRUE(read.error().is(codes::store_corrupt)) << read.error().to_string();
}

TEST_F(DatabaseTest, AfterAnUncleanStopDamageIsFoundAtOpen) {
  const std::string crashed = scratch_.file("crashed.db");
  {
    Database database = open();
    fill(database);
    ASSERT_TRUE(database.checkpoint());
    ASSERT_TRUE(database.execute("INSERT INTO items (name) VALUES ('in the log')"));
    // What a killed process leaves: the file, and a log that was not moved into it.
    std::filesystem::copy_file(path_, crashed);
    std::filesystem::copy_file(path_ + "-wal", crashed + "-wal");
  }
  path_ = crashed;
  {
    EXPECT_TRUE(Database::open(path_, kOptions));
  }
  std::ofstream(path_ + "-wal", std::ios::binary) << std::string(32, '\0');
  overwrite(8 * 4096, std::string(20 * 4096, '\xff'));
  const auto opened = Database::open(path_, kOptions);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().is(codes::store_corrupt)) << opened.error().to_string();
}

TEST_F(DatabaseTest, CommittedRowsSurviveAKill) {
  const std::string crashed = scratch_.file("crashed.db");
  Database database = open();
  fill(database);
  std::filesystem::copy_file(path_, crashed);
  std::filesystem::copy_file(path_ + "-wal", crashed + "-wal");
  path_ = crashed;
  EXPECT_EQ(open().query_int("SELECT count(*) FROM items").value(), 2'000);
}

TEST_F(DatabaseTest, AFullFileIsAnErrorThatLeavesTheOldRows) {
  Database database = open();
  ASSERT_TRUE(database.execute("INSERT INTO items (name) VALUES ('kept')"));
  ASSERT_TRUE(database.query_int("PRAGMA max_page_count = 8"));
  Transaction transaction = Transaction::begin(database).value();
  Statement insert = database.prepare("INSERT INTO items (name) VALUES (?1)").value();
  Result<void> written;
  for (int i = 0; written && i < 100; ++i) written = insert.run(std::string(3'000, 'x') + std::to_string(i));
  ASSERT_FALSE(written);
  EXPECT_TRUE(written.error().is(codes::store_unavailable)) << written.error().to_string();
  {
    const Transaction rolled_back = std::move(transaction);
  }
  EXPECT_EQ(database.query_int("SELECT count(*) FROM items").value(), 1);
  EXPECT_TRUE(Transaction::begin(database));
}

}  // namespace
}  // namespace tollgate::stores
