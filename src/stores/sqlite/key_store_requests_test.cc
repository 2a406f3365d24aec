// Marked writes: a repetition changes nothing again, whatever happened in between.
#include <thread>

#include "base/file.h"
#include "crypto/sha256.h"
#include "stores/sqlite/key_store_fixture_test.h"
#include "stores/sqlite/migration.h"

namespace tollgate::stores {
namespace {

ports::RequestMark mark_of(const std::string& caller, std::uint8_t key) {
  ports::RequestMark mark{.caller = caller};
  mark.key.fill(key);
  mark.target.fill(1);
  mark.document.fill(2);
  return mark;
}

class KeyRequestsTest : public KeyStoreTest {
 protected:
  std::int64_t remembered() {
    return database_->read([](Database& database) { return database.query_int("SELECT count(*) FROM requests"); })
        .value();
  }
  std::size_t keys() { return store_->list({}).value().keys.size(); }
  std::optional<std::string> done_by(const ports::RequestMark& mark) { return store_->done_by(mark).value(); }
  static void expect_conflict(const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().is(codes::conflict)) << result.error().to_string();
  }

  const ports::RequestMark mark_ = mark_of("anna", 7);
};

TEST_F(KeyRequestsTest, WhatAMarkedWriteChangedIsKnownAlsoAfterAReopen) {
  EXPECT_EQ(done_by(mark_), std::nullopt);
  ASSERT_TRUE(store_->create(key_record(1), {.mark = &mark_}));
  const ports::RequestMark update = mark_of("anna", 8), tier = mark_of("anna", 9), reset = mark_of("anna", 10);
  core::KeyRecord record = store_->get(key_id(1)).value();
  record.name = "renamed";
  ASSERT_TRUE(store_->update(record, record.revision, {.mark = &update}));
  ASSERT_TRUE(store_->put_tier({.name = "Gold", .title = "Gold", .limit = kSomeLimit}, 0, {.mark = &tier}));
  ASSERT_TRUE(store_->note_done({.mark = &reset}, "elsewhere"));
  for (int opened = 0; opened < 2; ++opened, reopen()) {
    EXPECT_EQ(done_by(mark_), key_id(1).view());
    EXPECT_EQ(done_by(update), key_id(1).view());
    EXPECT_EQ(done_by(tier), "gold");
    EXPECT_EQ(done_by(reset), "elsewhere");
  }
}

TEST_F(KeyRequestsTest, ASecondWriteWithAMarkIsAConflictAndChangesNothing) {
  ASSERT_TRUE(store_->create(key_record(1), {.mark = &mark_}));
  const core::KeyRecord before = store_->get(key_id(1)).value();
  expect_conflict(store_->create(key_record(2), {.mark = &mark_}));
  core::KeyRecord renamed = before;
  renamed.name = "renamed";
  expect_conflict(store_->update(renamed, std::nullopt, {.mark = &mark_}));
  expect_conflict(store_->update(renamed, before.revision + 1, {.mark = &mark_}));  // before the revision is looked at
  expect_conflict(store_->put_tier({.name = "gold", .title = "Gold", .limit = kSomeLimit}, 0, {.mark = &mark_}));
  expect_conflict(store_->note_done({.mark = &mark_}, "x"));
  EXPECT_EQ(keys(), 1u);
  EXPECT_EQ(store_->get(key_id(1))->revision, before.revision);
  EXPECT_EQ(store_->get(key_id(1))->name, before.name);
  EXPECT_FALSE(store_->tier("gold"));
  EXPECT_EQ(done_by(mark_), key_id(1).view());
}

TEST_F(KeyRequestsTest, AnotherCallerOrAnotherIdempotencyKeyIsAnotherRequest) {
  const ports::RequestMark bert = mark_of("bert", 7), other = mark_of("anna", 8);
  ASSERT_TRUE(store_->create(key_record(1), {.mark = &mark_}));
  EXPECT_EQ(done_by(bert), std::nullopt);
  EXPECT_EQ(done_by(other), std::nullopt);
  EXPECT_TRUE(store_->create(key_record(2), {.mark = &bert}));
  EXPECT_TRUE(store_->create(key_record(3), {.mark = &other}));
  EXPECT_EQ(keys(), 3u);
}

TEST_F(KeyRequestsTest, AnotherTargetOrDocumentIsAConflict) {
  ASSERT_TRUE(store_->create(key_record(1), {.mark = &mark_}));
  for (auto member : {&ports::RequestMark::target, &ports::RequestMark::document}) {
    ports::RequestMark other = mark_;
    (other.*member)[31] ^= 1;
    expect_conflict(store_->done_by(other));
    expect_conflict(store_->create(key_record(2), {.mark = &other}));
  }
  EXPECT_EQ(keys(), 1u);
}

TEST_F(KeyRequestsTest, IsForgottenAfterADayAndTakesNoRoomAnyMore) {
  ASSERT_TRUE(store_->create(key_record(1), {.mark = &mark_}));
  clock_.advance(ports::kRequestRemembered - Nanos(1));
  expect_conflict(store_->create(key_record(2), {.mark = &mark_}));
  clock_.advance(Nanos(1));
  EXPECT_EQ(done_by(mark_), std::nullopt);
  EXPECT_TRUE(store_->create(key_record(2), {.mark = &mark_}));
  EXPECT_EQ(remembered(), 1);
  EXPECT_EQ(keys(), 2u);
}

TEST_F(KeyRequestsTest, AWriteThatFailedLeavesNoMark) {
  core::KeyRecord record = key_record(1);
  record.tier = "nosuch";
  EXPECT_TRUE(store_->create(record, {.mark = &mark_}).error().is(codes::tier_not_found));
  EXPECT_TRUE(store_->update(record, std::nullopt, {.mark = &mark_}).error().is(codes::key_not_found));
  EXPECT_TRUE(store_->put_tier({.name = "free", .title = "x", .limit = kSomeLimit}, 0, {.mark = &mark_})
                  .error()
                  .is(codes::conflict));
  EXPECT_EQ(remembered(), 0);
  EXPECT_TRUE(store_->create(key_record(1), {.mark = &mark_}));
}

TEST_F(KeyRequestsTest, OfManyAtOnceOneWrites) {
  constexpr int kThreads = 8;
  std::atomic<int> made{0}, refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] { ++(store_->create(key_record(t), {.mark = &mark_}) ? made : refused); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(refused, kThreads - 1);
  EXPECT_EQ(keys(), 1u);
}

TEST_F(KeyRequestsTest, SurviveAKillTogetherWithTheirChangeOrNotAtAll) {
  ASSERT_TRUE(store_->create(key_record(1), {.mark = &mark_}));
  const std::string crashed = scratch_.file("crashed.db");
  std::filesystem::copy_file(path_, crashed);
  std::filesystem::copy_file(path_ + "-wal", crashed + "-wal");
  path_ = crashed;
  reopen();
  EXPECT_EQ(done_by(mark_), key_id(1).view());
  EXPECT_EQ(keys(), 1u);
}

TEST_F(KeyRequestsTest, CreationsThatAnEarlierVersionRememberedAreKnown) {
  close();
  std::filesystem::remove(path_);
  {
    auto old = Database::open(path_, {.migrations = admin_migrations().first(2)}).value();
    ASSERT_TRUE(
        old.execute("INSERT INTO creations VALUES ('anna', zeroblob(32), zeroblob(32), 'kkkkkkkkk1', "
                    "9000000000000000000)"));
  }
  reopen();
  ports::RequestMark mark{.caller = "anna"};
  mark.target = crypto::sha256("POST /api/admin/keys");
  EXPECT_EQ(done_by(mark), "kkkkkkkkk1");
}

}  // namespace
}  // namespace tollgate::stores
