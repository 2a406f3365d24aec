#include <map>
#include <set>

#include "stores/sqlite/key_store_fixture_test.h"

namespace tollgate::stores {
namespace {

// What a gateway makes of the feed.
struct Follower {
  std::uint64_t revision = 0;
  std::map<core::KeyId, core::KeyRecord> keys;
  std::map<std::string, core::Tier> tiers;
  int pages = 0;

  void follow(ports::KeyFeed& feed, std::size_t max = 1000) {
    for (bool more = true; more; ++pages) {
      const ports::KeyChanges changes = feed.changes_since(revision, max).value();
      for (const core::Tier& tier : changes.tiers) tiers[tier.name] = tier;
      for (const core::KeyRecord& record : changes.upserted) {
        EXPECT_TRUE(tiers.contains(record.tier)) << "a key came before its tier";
        keys[record.id] = record;
      }
      for (const core::KeyId& id : changes.removed) keys.erase(id);
      for (const std::string& name : changes.removed_tiers) tiers.erase(name);
      for (const auto& [id, record] : keys) EXPECT_TRUE(tiers.contains(record.tier)) << "a tier went before its key";
      EXPECT_GE(changes.revision, revision);
      revision = changes.revision;
      more = changes.more;
    }
  }
};

class KeyStoreChangesTest : public KeyStoreTest {
 protected:
  void expect_in_step(const Follower& follower) {
    std::set<core::KeyId> expected;
    const ports::KeyPage page = store_->list({.limit = 1000}).value();
    for (const core::KeyRecord& record : page.keys) {
      expected.insert(record.id);
      const auto found = follower.keys.find(record.id);
      ASSERT_NE(found, follower.keys.end());
      EXPECT_EQ(found->second.revision, record.revision);
      EXPECT_EQ(found->second.tier, record.tier);
    }
    EXPECT_EQ(follower.keys.size(), expected.size());
    const auto tiers = store_->tiers().value();
    EXPECT_EQ(follower.tiers.size(), tiers.size());
    for (const core::Tier& tier : tiers) EXPECT_EQ(follower.tiers.at(tier.name).revision, tier.revision);
  }
};

TEST_F(KeyStoreChangesTest, FromZeroThereIsEverythingThatIsAndNothingThatWas) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(store_->create(key_record(i)));
  ASSERT_TRUE(store_->remove(key_id(2), std::nullopt));
  const auto changes = store_->changes_since(0, 1000).value();
  EXPECT_EQ(changes.upserted.size(), 4u);
  EXPECT_EQ(changes.tiers.size(), 3u);
  EXPECT_TRUE(changes.removed.empty());
  EXPECT_FALSE(changes.more);
}

TEST_F(KeyStoreChangesTest, AFollowerSeesEachChangeAndThenNothing) {
  Follower follower;
  follower.follow(*store_);
  core::KeyRecord record = store_->create(key_record(1)).value();
  follower.follow(*store_);
  expect_in_step(follower);
  record.state = core::KeyState::disabled;
  ASSERT_TRUE(store_->update(record, std::nullopt));
  follower.follow(*store_);
  EXPECT_EQ(follower.keys.at(record.id).state, core::KeyState::disabled);
  ASSERT_TRUE(store_->remove(record.id, std::nullopt));
  follower.follow(*store_);
  EXPECT_TRUE(follower.keys.empty());
  const auto quiet = store_->changes_since(follower.revision, 1000).value();
  EXPECT_EQ(quiet.revision, follower.revision);
  EXPECT_FALSE(quiet.more);
  EXPECT_TRUE(quiet.upserted.empty() && quiet.removed.empty() && quiet.tiers.empty() && quiet.removed_tiers.empty());
}

TEST_F(KeyStoreChangesTest, TheRevisionGoesOnAcrossReopens) {
  Follower follower;
  ASSERT_TRUE(store_->create(key_record(1)));
  follower.follow(*store_);
  reopen();
  EXPECT_TRUE(store_->changes_since(follower.revision, 10).value().upserted.empty());
  ASSERT_TRUE(store_->create(key_record(2)));
  follower.follow(*store_);
  expect_in_step(follower);
}

TEST_F(KeyStoreChangesTest, AKeyThatComesBackAfterItsRemovalIsThere) {
  Follower follower;
  ASSERT_TRUE(store_->create(key_record(1)));
  follower.follow(*store_);
  ASSERT_TRUE(store_->remove(key_id(1), std::nullopt));
  ASSERT_TRUE(store_->create(key_record(1)));
  follower.follow(*store_);
  expect_in_step(follower);
}

TEST_F(KeyStoreChangesTest, SmallPagesEndInTheSameStateWhereverTheyAreCut) {
  Follower from_start, in_between;
  ASSERT_TRUE(store_->put_tier({.name = "gold", .title = "Gold", .limit = kSomeLimit}, 0));
  for (int i = 0; i < 20; ++i) {
    core::KeyRecord record = key_record(i);
    record.tier = i % 2 == 0 ? "gold" : "free";
    ASSERT_TRUE(store_->create(record));
    if (i == 7) in_between.follow(*store_, 2);
  }
  for (int i = 0; i < 20; i += 2) {
    core::KeyRecord record = store_->get(key_id(i)).value();
    record.tier = "new";
    ASSERT_TRUE(store_->put_tier({.name = "new", .title = "New", .limit = kSomeLimit}, std::nullopt));
    ASSERT_TRUE(i % 4 == 0 ? store_->remove(key_id(i), std::nullopt).has_value()
                           : store_->update(record, std::nullopt).has_value());
  }
  ASSERT_TRUE(store_->remove_tier("gold", std::nullopt));
  for (std::size_t max = 1; max <= 7; ++max) {
    Follower fresh, behind = in_between;
    fresh.follow(*store_, max);
    behind.follow(*store_, max);
    expect_in_step(fresh);
    expect_in_step(behind);
    EXPECT_GE(behind.pages, static_cast<int>(20 / max));
  }
}

TEST_F(KeyStoreChangesTest, AKeyThatChangedAgainAfterItsOldTierWentDoesNotOutliveThatTier) {
  ASSERT_TRUE(store_->put_tier({.name = "gold", .title = "Gold", .limit = kSomeLimit}, 0));
  core::KeyRecord record = key_record(1);
  record.tier = "gold";
  record = store_->create(record).value();
  Follower follower;
  follower.follow(*store_);
  record.tier = "free";
  ASSERT_TRUE(store_->update(record, std::nullopt));
  ASSERT_TRUE(store_->remove_tier("gold", std::nullopt));
  for (int i = 2; i < 6; ++i) ASSERT_TRUE(store_->create(key_record(i)));
  ASSERT_TRUE(store_->update(record, std::nullopt));
  follower.follow(*store_, 2);
  expect_in_step(follower);
}

TEST_F(KeyStoreChangesTest, MoreIsSaidExactlyWhenMoreFollows) {
  Follower follower;
  follower.follow(*store_);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(store_->create(key_record(i)));
  EXPECT_TRUE(store_->changes_since(follower.revision, 3).value().more);
  EXPECT_FALSE(store_->changes_since(follower.revision, 4).value().more);
  EXPECT_FALSE(store_->changes_since(follower.revision, 5).value().more);
}

TEST_F(KeyStoreChangesTest, AFollowerOfANewerFileIsToldToStartAnew) {
  const auto refused = store_->changes_since(1'000, 10);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::precondition_failed));
}

}  // namespace
}  // namespace tollgate::stores
