// create_once(): a repetition makes no second key, whatever happened in between.
#include <thread>

#include "base/file.h"
#include "stores/sqlite/key_store_fixture_test.h"

namespace tollgate::stores {
namespace {

ports::CreationMark mark_of(const std::string& caller, std::uint8_t key, std::uint8_t document = 1) {
  ports::CreationMark mark{.caller = caller};
  mark.key.fill(key);
  mark.document.fill(document);
  return mark;
}

class KeyCreationsTest : public KeyStoreTest {
 protected:
  std::int64_t remembered() {
    return database_->read([](Database& database) { return database.query_int("SELECT count(*) FROM creations"); })
        .value();
  }
  std::size_t keys() { return store_->list({}).value().keys.size(); }
};

TEST_F(KeyCreationsTest, ARepetitionGivesTheKeyOfTheFirstAsItIsNowAlsoAfterAReopen) {
  const auto first = store_->create_once(key_record(1), mark_of("anna", 7)).value();
  EXPECT_FALSE(first.repeated);
  core::KeyRecord renamed = first.record;
  renamed.name = "renamed";
  ASSERT_TRUE(store_->update(renamed, std::nullopt));
  for (int opened = 0; opened < 2; ++opened, reopen()) {
    const auto again = store_->create_once(key_record(2), mark_of("anna", 7)).value();
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(again.record.id, key_id(1));
    EXPECT_EQ(again.record.name, "renamed");
    EXPECT_EQ(keys(), 1u);
  }
}

TEST_F(KeyCreationsTest, AnotherCallerOrAnotherIdempotencyKeyIsAnotherCreation) {
  EXPECT_FALSE(store_->create_once(key_record(1), mark_of("anna", 7))->repeated);
  EXPECT_FALSE(store_->create_once(key_record(2), mark_of("bert", 7))->repeated);
  EXPECT_FALSE(store_->create_once(key_record(3), mark_of("anna", 8))->repeated);
  EXPECT_EQ(keys(), 3u);
}

TEST_F(KeyCreationsTest, AnotherDocumentOrAKeyThatIsGoneIsAConflictAndMakesNothing) {
  ASSERT_TRUE(store_->create_once(key_record(1), mark_of("anna", 7)));
  const auto other = store_->create_once(key_record(2), mark_of("anna", 7, 2));
  ASSERT_FALSE(other);
  EXPECT_TRUE(other.error().is(codes::conflict));
  ASSERT_TRUE(store_->remove(key_id(1), std::nullopt));
  const auto gone = store_->create_once(key_record(2), mark_of("anna", 7));
  ASSERT_FALSE(gone);
  EXPECT_TRUE(gone.error().is(codes::conflict));
  EXPECT_NE(gone.error().detail().find(key_id(1).view()), std::string::npos) << gone.error().detail();
  EXPECT_EQ(keys(), 0u);
}

TEST_F(KeyCreationsTest, IsForgottenAfterADayAndTakesNoRoomAnyMore) {
  ASSERT_TRUE(store_->create_once(key_record(1), mark_of("anna", 7)));
  clock_.advance(ports::kCreationRemembered - Nanos(1));
  EXPECT_TRUE(store_->create_once(key_record(2), mark_of("anna", 7))->repeated);
  clock_.advance(Nanos(1));
  EXPECT_FALSE(store_->create_once(key_record(2), mark_of("anna", 7))->repeated);
  EXPECT_EQ(remembered(), 1);
  EXPECT_EQ(keys(), 2u);
}

TEST_F(KeyCreationsTest, ACreationThatFailedLeavesNoMark) {
  core::KeyRecord record = key_record(1);
  record.tier = "nosuch";
  EXPECT_TRUE(store_->create_once(record, mark_of("anna", 7)).error().is(codes::tier_not_found));
  EXPECT_EQ(remembered(), 0);
  EXPECT_FALSE(store_->create_once(key_record(1), mark_of("anna", 7))->repeated);
}

TEST_F(KeyCreationsTest, OfManyAtOnceOneMakesTheKeyAndAllGetIt) {
  constexpr int kThreads = 8;
  std::atomic<int> made{0}, repeated{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto creation = store_->create_once(key_record(t), mark_of("anna", 7));
      if (creation) ++(creation->repeated ? repeated : made);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(repeated, kThreads - 1);
  EXPECT_EQ(keys(), 1u);
}

TEST_F(KeyCreationsTest, SurviveAKillTogetherWithTheKeyOrNotAtAll) {
  ASSERT_TRUE(store_->create_once(key_record(1), mark_of("anna", 7)));
  const std::string crashed = scratch_.file("crashed.db");
  std::filesystem::copy_file(path_, crashed);
  std::filesystem::copy_file(path_ + "-wal", crashed + "-wal");
  path_ = crashed;
  reopen();
  EXPECT_TRUE(store_->create_once(key_record(2), mark_of("anna", 7))->repeated);
  EXPECT_EQ(keys(), 1u);
}

}  // namespace
}  // namespace tollgate::stores
