#include "stores/sqlite/key_store_fixture_test.h"

namespace tollgate::stores {
namespace {

using KeyStoreTiersTest = KeyStoreTest;

core::Tier gold() {
  return {.name = "gold", .title = "Gold", .limit = kSomeLimit};
}

TEST_F(KeyStoreTiersTest, TheBuiltInOnesAreThereOnceAndSurviveEdits) {
  for (int open_count = 0; open_count < 2; ++open_count) {
    const auto tiers = store_->tiers().value();
    ASSERT_EQ(tiers.size(), core::kBuiltInTiers.size());
    for (std::size_t i = 0; i < tiers.size(); ++i) {
      EXPECT_EQ(tiers[i].name, core::kBuiltInTiers[i].name);
      EXPECT_EQ(tiers[i].limit, core::kBuiltInTiers[i].limit);
      EXPECT_TRUE(tiers[i].built_in);
    }
    reopen();
  }
  core::Tier free = store_->tier("free").value();
  free.limit = kSomeLimit;
  free.built_in = false;
  ASSERT_TRUE(store_->put_tier(free, free.revision));
  reopen();
  EXPECT_EQ(store_->tier("FREE").value().limit, kSomeLimit);
  EXPECT_TRUE(store_->tier("free").value().built_in);
}

TEST_F(KeyStoreTiersTest, BuiltInOnesAndUsedOnesAreNotRemoved) {
  EXPECT_TRUE(store_->remove_tier("free", std::nullopt).error().is(codes::conflict));
  ASSERT_TRUE(store_->put_tier(gold(), 0));
  core::KeyRecord record = key_record(1);
  record.tier = "gold";
  record = store_->create(record).value();
  const auto used = store_->remove_tier("gold", std::nullopt);
  ASSERT_FALSE(used);
  EXPECT_TRUE(used.error().is(codes::conflict));
  EXPECT_NE(used.error().detail().find("1 keys"), std::string::npos);
  ASSERT_TRUE(store_->remove(record.id, std::nullopt));
  EXPECT_TRUE(store_->remove_tier("Gold", std::nullopt));
  EXPECT_TRUE(store_->tier("gold").error().is(codes::tier_not_found));
  EXPECT_TRUE(store_->remove_tier("gold", std::nullopt).error().is(codes::tier_not_found));
}

TEST_F(KeyStoreTiersTest, ExpectedRevisionZeroOnlyCreates) {
  const core::Tier created = store_->put_tier(gold(), 0).value();
  EXPECT_EQ(created.updated_at, clock_.wall_now());
  EXPECT_FALSE(created.built_in);
  EXPECT_TRUE(store_->put_tier(gold(), 0).error().is(codes::conflict));
  EXPECT_TRUE(store_->put_tier(gold(), created.revision + 1).error().is(codes::precondition_failed));
  EXPECT_TRUE(store_->put_tier(gold(), created.revision));
  EXPECT_TRUE(
      store_->put_tier({.name = "other", .title = "", .limit = kSomeLimit}, 7).error().is(codes::precondition_failed));
  EXPECT_TRUE(store_->remove_tier("gold", created.revision).error().is(codes::precondition_failed));
}

TEST_F(KeyStoreTiersTest, TheLimitRevisionGrowsExactlyWhenTheNumbersDo) {
  core::Tier tier = store_->put_tier(gold(), 0).value();
  EXPECT_EQ(tier.limit_revision, 0u);
  tier.title = "Another title";
  tier = store_->put_tier(tier, std::nullopt).value();
  EXPECT_EQ(tier.limit_revision, 0u);
  tier.limit.max_burst += 1;
  tier.limit_revision = 99;  // not the caller's to set
  EXPECT_EQ(store_->put_tier(tier, std::nullopt).value().limit_revision, 1u);
}

TEST_F(KeyStoreTiersTest, NamesAreCheckedAndLowerCased) {
  EXPECT_EQ(store_->put_tier({.name = "GOLD", .title = "Gold", .limit = kSomeLimit}, 0).value().name, "gold");
  const auto refused = store_->put_tier({.name = "go ld", .title = "Gold", .limit = kSomeLimit}, 0);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::invalid_document));
  EXPECT_EQ(refused.error().fields().at(0).pointer, "/name");
}

}  // namespace
}  // namespace tollgate::stores
