#include "stores/sqlite/blob_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "base/assert.h"
#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/transaction.h"

namespace tollgate::stores {
namespace {

constexpr Migration kSchema[] = {{1, "0001_values", "CREATE TABLE large (id INTEGER PRIMARY KEY, data BLOB NOT NULL)"}};

std::string bytes_of(std::size_t size, char first) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(static_cast<std::size_t>(first) + i * 7 / 5);
  return bytes;
}

class BlobReaderTest : public testing::Test {
 protected:
  BlobReaderTest() {
    auto put = database_.prepare("INSERT INTO large VALUES (?1, ?2)");
    TG_ASSERT(put->run(1, Blob{first_}).has_value() && put->run(2, Blob{second_}).has_value());
  }
  std::string read(BlobReader& reader, std::size_t from, std::size_t to) {
    std::string bytes(to - from, '\0');
    TG_ASSERT(reader.read(from, bytes).has_value());
    return bytes;
  }

  const std::string first_ = bytes_of(300'000, 'a');
  const std::string second_ = bytes_of(10, 'b');
  ScratchDirectory scratch_;
  Database database_ = *Database::open(scratch_.file("test.db"), {.migrations = kSchema});
};

TEST_F(BlobReaderTest, ReadsAnyPieceOfAnyRow) {
  BlobReader reader(database_, {.table = "large", .column = "data"});
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(*reader.open(1));
    ASSERT_EQ(reader.size(), first_.size());
    EXPECT_EQ(read(reader, 0, 1024), first_.substr(0, 1024));
    EXPECT_EQ(read(reader, 250'000, 299'000), first_.substr(250'000, 49'000));
    EXPECT_EQ(read(reader, 7, 7), "");
    ASSERT_TRUE(*reader.open(2));
    EXPECT_EQ(read(reader, 0, reader.size()), second_);
  }
}

TEST_F(BlobReaderTest, SaysThatARowIsNotThereAndReadsOthersAfterwards) {
  BlobReader reader(database_, {.table = "large", .column = "data"});
  EXPECT_FALSE(*reader.open(7));
  EXPECT_TRUE(*reader.open(1));
  EXPECT_FALSE(*reader.open(7));
  ASSERT_TRUE(*reader.open(2));
  EXPECT_EQ(read(reader, 0, 10), second_);
}

TEST_F(BlobReaderTest, SeesTheStateOfItsTransactionAndLetsGoOfItWhenClosed) {
  auto reading = *Database::open(scratch_.file("test.db"), {.reader = true});
  BlobReader reader(reading, {.table = "large", .column = "data"});
  {
    const Transaction transaction = *Transaction::begin_read(reading);
    ASSERT_TRUE(*reader.open(1));
    ASSERT_TRUE(database_.execute("DELETE FROM large WHERE id = 1"));
    EXPECT_EQ(read(reader, 0, 5), first_.substr(0, 5));
    reader.close();
  }
  EXPECT_FALSE(*reader.open(1));
  reader.close();
  EXPECT_TRUE(database_.checkpoint());
}

}  // namespace
}  // namespace tollgate::stores
