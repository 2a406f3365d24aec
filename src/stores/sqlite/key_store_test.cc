#include "stores/sqlite/key_store.h"

#include <thread>

#include "stores/sqlite/key_store_fixture_test.h"

namespace tollgate::stores {
namespace {

void expect_equal(const core::KeyRecord& a, const core::KeyRecord& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.prefix, b.prefix);
  EXPECT_EQ(a.tier, b.tier);
  EXPECT_EQ(a.limit, b.limit);
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.updated_at, b.updated_at);
  EXPECT_EQ(a.expires_at, b.expires_at);
  EXPECT_EQ(a.consumer, b.consumer);
  EXPECT_EQ(a.limit_revision, b.limit_revision);
  EXPECT_EQ(a.revision, b.revision);
  ASSERT_EQ(a.secrets.size(), b.secrets.size());
  for (std::size_t i = 0; i < a.secrets.size(); ++i) {
    EXPECT_EQ(a.secrets[i].hash, b.secrets[i].hash);
    EXPECT_EQ(a.secrets[i].last4, b.secrets[i].last4);
    EXPECT_EQ(a.secrets[i].valid_until, b.secrets[i].valid_until);
  }
}

core::KeyRecord full_record() {
  core::KeyRecord record = key_record(1);
  record.name = "naïve'; DROP TABLE keys; -- 😀";
  record.limit = kSomeLimit;
  record.consumer = "Müller & Söhne";
  record.state = core::KeyState::disabled;
  record.expires_at = WallTime(Nanos(1'800'000'000'123'456'789));
  record.secrets.push_back(record.secrets[0]);
  record.secrets[1].hash.fill(0);
  record.secrets[1].last4 = "wxyz";
  record.secrets[1].valid_until = WallTime(Seconds(1'790'003'600));
  return record;
}

TEST_F(KeyStoreTest, EveryMemberOfARecordSurvivesAReopen) {
  const core::KeyRecord created = store_->create(full_record()).value();
  EXPECT_EQ(created.created_at, clock_.wall_now());
  EXPECT_EQ(created.updated_at, clock_.wall_now());
  EXPECT_GT(created.revision, 0u);
  expect_equal(store_->get(created.id).value(), created);
  reopen();
  const core::KeyRecord read = store_->get(created.id).value();
  expect_equal(read, created);
  EXPECT_EQ(read.limit, full_record().limit);
  EXPECT_EQ(read.expires_at, full_record().expires_at);
  EXPECT_EQ(read.consumer, full_record().consumer);
}

TEST_F(KeyStoreTest, WhatIsReadIsWhatWasWrittenLast) {
  core::KeyRecord record = store_->create(full_record()).value();
  record.limit.reset();
  record.expires_at.reset();
  record.state = core::KeyState::active;
  record.secrets.pop_back();
  record.name = "renamed";
  clock_.advance(Seconds(5));
  const core::KeyRecord updated = store_->update(record, std::nullopt).value();
  EXPECT_EQ(updated.created_at, record.created_at);
  EXPECT_EQ(updated.updated_at, record.created_at + Seconds(5));
  expect_equal(store_->get(record.id).value(), updated);
  EXPECT_EQ(updated.limit, std::nullopt);
  EXPECT_EQ(updated.secrets.size(), 1u);
}

TEST_F(KeyStoreTest, AnIdIsGivenOnce) {
  ASSERT_TRUE(store_->create(key_record(1)));
  const auto again = store_->create(key_record(1));
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().is(codes::conflict));
}

TEST_F(KeyStoreTest, AnUnknownTierIsRefusedAndTierNamesIgnoreCase) {
  core::KeyRecord record = key_record(1);
  for (const char* bad : {"gold", "", "fr ee", "'"}) {
    record.tier = bad;
    const auto created = store_->create(record);
    ASSERT_FALSE(created) << bad;
    EXPECT_TRUE(created.error().is(codes::tier_not_found));
  }
  record.tier = "Pro";
  EXPECT_EQ(store_->create(record).value().tier, "pro");
  record.tier = "gold";
  EXPECT_TRUE(store_->update(record, std::nullopt).error().is(codes::tier_not_found));
  EXPECT_EQ(store_->get(record.id).value().tier, "pro");
}

TEST_F(KeyStoreTest, AMissingKeyIsNotFound) {
  EXPECT_TRUE(store_->get(key_id(1)).error().is(codes::key_not_found));
  EXPECT_TRUE(store_->update(key_record(1), std::nullopt).error().is(codes::key_not_found));
  EXPECT_TRUE(store_->remove(key_id(1), std::nullopt).error().is(codes::key_not_found));
}

TEST_F(KeyStoreTest, AWriterWhoReadAnOlderRevisionIsRefusedAndToldTheCurrentOne) {
  const core::KeyRecord first = store_->create(key_record(1)).value();
  const core::KeyRecord second = store_->update(first, first.revision).value();
  EXPECT_GT(second.revision, first.revision);
  const auto refused = store_->update(first, first.revision);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::precondition_failed));
  EXPECT_NE(refused.error().detail().find(str::cat(second.revision)), std::string::npos);
  EXPECT_TRUE(store_->remove(first.id, first.revision).error().is(codes::precondition_failed));
  EXPECT_EQ(store_->get(first.id).value().revision, second.revision);
  EXPECT_TRUE(store_->remove(first.id, second.revision));
}

TEST_F(KeyStoreTest, TheLimitRevisionGrowsExactlyWhenTheEffectiveNumbersDo) {
  core::KeyRecord record = store_->create(key_record(1)).value();
  const auto revision_after_update = [&] {
    record = store_->update(record, record.revision).value();
    return record.limit_revision;
  };
  EXPECT_EQ(record.limit_revision, 0u);
  record.name = "another name";
  record.state = core::KeyState::disabled;
  EXPECT_EQ(revision_after_update(), 0u);
  record.tier = "pro";  // no limit of its own: the tier's numbers apply
  EXPECT_EQ(revision_after_update(), 1u);
  record.limit = kSomeLimit;
  EXPECT_EQ(revision_after_update(), 2u);
  record.tier = "free";  // its own numbers apply
  EXPECT_EQ(revision_after_update(), 2u);
  record.limit->max_burst += 1;
  EXPECT_EQ(revision_after_update(), 3u);
  record.limit_revision = 99;  // not the caller's to set
  EXPECT_EQ(revision_after_update(), 3u);
  record.limit.reset();
  EXPECT_EQ(revision_after_update(), 4u);
}

TEST_F(KeyStoreTest, RemovedKeysAreGoneAfterAReopenToo) {
  ASSERT_TRUE(store_->create(key_record(1)));
  ASSERT_TRUE(store_->remove(key_id(1), std::nullopt));
  EXPECT_TRUE(store_->get(key_id(1)).error().is(codes::key_not_found));
  reopen();
  EXPECT_TRUE(store_->get(key_id(1)).error().is(codes::key_not_found));
}

TEST_F(KeyStoreTest, ConcurrentWritersEachGetTheirOwnRevisionAndLoseNothing) {
  constexpr int kThreads = 4, kEach = 20;
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        if (!store_->create(key_record(t * kEach + i)) || !store_->changes_since(0, 1000)) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  const auto changes = store_->changes_since(0, 1000).value();
  EXPECT_EQ(changes.upserted.size(), static_cast<std::size_t>(kThreads * kEach));
  for (std::size_t i = 1; i < changes.upserted.size(); ++i) {
    EXPECT_GT(changes.upserted[i].revision, changes.upserted[i - 1].revision);
  }
}

}  // namespace
}  // namespace tollgate::stores
