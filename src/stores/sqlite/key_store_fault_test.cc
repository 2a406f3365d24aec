#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/random.h"
#include "stores/sqlite/key_store_fixture_test.h"

namespace tollgate::stores {
namespace {

class KeyStoreFaultTest : public KeyStoreTest {
 protected:
  void overwrite(std::streamoff at, const std::string& bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << bytes;
  }
  void create_keys(int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(store_->create(key_record(i)));
  }
};

TEST_F(KeyStoreFaultTest, AnOverwrittenHeaderStopsTheStartWithAnErrorThatNamesTheFile) {
  close();
  overwrite(0, std::string(16, 'x'));
  const auto opened = AdminDatabase::open(path_, clock_);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().is(codes::store_corrupt)) << opened.error().to_string();
  EXPECT_NE(opened.error().detail().find(path_), std::string::npos);
  EXPECT_NE(opened.error().detail().find("restore a backup"), std::string::npos);
}

// Wherever the damage is, every call returns: a value from what is left, or an error.
TEST_F(KeyStoreFaultTest, DamageToAnyPageIsAnErrorAndNeverACrash) {
  create_keys(60);
  close();
  const std::string sound = read_file(path_).value();
  std::size_t reported = 0;
  for (std::size_t page = 0; page * 4096 < sound.size(); ++page) {
    std::ofstream(path_, std::ios::binary) << sound;
    overwrite(static_cast<std::streamoff>(page * 4096 + 16), std::string(4000, '\xff'));
    auto database = AdminDatabase::open(path_, clock_);
    auto store = database ? SqliteKeyStore::open(**database) : std::unexpected(database.error());
    Result<void> outcome;
    const auto note = [&](const auto& result) {
      if (!result && outcome) outcome = std::unexpected(result.error());
    };
    note(store);
    if (store) {
      note((*store)->list({}));
      note((*store)->changes_since(0, 1000));
      note((*store)->get(key_id(30)));
      note((*store)->create(key_record(1'000)));
      note((*store)->remove(key_id(31), std::nullopt));
    }
    if (outcome) continue;
    ++reported;
    const Error& error = outcome.error();
    EXPECT_TRUE(error.is(codes::store_corrupt) || error.is(codes::key_not_found)) << page << " " << error.to_string();
  }
  EXPECT_GT(reported, 5u);
}

TEST_F(KeyStoreFaultTest, ALockHeldElsewhereIsAnErrorAfterTheWaitAndWritesGoOnAfterIt) {
  {
    Database other = Database::open(path_, {.migrations = admin_migrations()}).value();
    const Transaction held = Transaction::begin(other).value();
    const auto refused = store_->create(key_record(1));
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(codes::store_unavailable)) << refused.error().to_string();
    EXPECT_TRUE(store_->list({})) << "readers go on";
  }
  EXPECT_TRUE(store_->create(key_record(1)));
}

TEST_F(KeyStoreFaultTest, AFullDiskIsAnErrorThatChangesNothing) {
  create_keys(1);
  const std::uint64_t revision = store_->changes_since(0, 10).value().revision;
  ASSERT_TRUE(database_->write([](Database& database) { return database.query_int("PRAGMA max_page_count = 1"); }));
  core::KeyRecord record = key_record(2);
  record.name = std::string(100'000, 'x');
  const auto refused = store_->create(record);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::store_unavailable)) << refused.error().to_string();
  EXPECT_EQ(store_->changes_since(0, 10).value().revision, revision);
  ASSERT_TRUE(
      database_->write([](Database& database) { return database.query_int("PRAGMA max_page_count = 100000"); }));
  EXPECT_TRUE(store_->create(key_record(3)));
}

TEST_F(KeyStoreFaultTest, AcknowledgedChangesSurviveAKill) {
  const std::string crashed = scratch_.file("crashed.db");
  create_keys(10);
  std::filesystem::copy_file(path_, crashed);
  std::filesystem::copy_file(path_ + "-wal", crashed + "-wal");
  path_ = crashed;
  reopen();
  EXPECT_EQ(store_->list({}).value().keys.size(), 10u);
}

TEST_F(KeyStoreFaultTest, TheFileHoldsNoSecret) {
  const std::string secret = random_base62(core::kKeySecretLength);
  const std::string text =
      core::format_api_key({.prefix = "tg", .env = "live", .id = key_id(1).view(), .secret = secret});
  core::KeyRecord record = key_record(1);
  record.secrets[0].last4 = text.substr(text.size() - 4);
  ASSERT_TRUE(store_->create(record));
  for (const char* suffix : {"", "-wal"}) {
    const std::string bytes = read_file(path_ + suffix).value();
    EXPECT_EQ(bytes.find(secret), std::string::npos) << suffix;
    EXPECT_EQ(bytes.find(secret.substr(0, 12)), std::string::npos) << suffix;
    EXPECT_EQ(bytes.find(text), std::string::npos) << suffix;
  }
  EXPECT_NE((read_file(path_).value() + read_file(path_ + "-wal").value()).find(key_id(1).view()), std::string::npos);
}

}  // namespace
}  // namespace tollgate::stores
