#include "stores/memory/key_follower.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tollgate::stores {
namespace {

constexpr core::TokenBucketSpec kSmall{.refill_micro = 10'000'000, .max_burst = 100, .tokens_per_window = 100};
constexpr core::TokenBucketSpec kLarge{.refill_micro = 100'000'000, .max_burst = 1'000, .tokens_per_window = 1'000};

core::KeyId key_id(char fill) {
  core::KeyId id;
  id.text.fill(fill);
  return id;
}

core::SecretHash secret(std::uint8_t fill) {
  core::SecretHash hash{};
  hash.fill(fill);
  return hash;
}

core::Tier tier(const std::string& name, core::TokenBucketSpec limit, std::uint32_t limit_revision = 1) {
  return {.name = name, .title = name, .limit = limit, .limit_revision = limit_revision};
}

core::KeySecret secret_until(std::uint8_t fill, std::optional<WallTime> end) {
  core::KeySecret made;
  made.hash = secret(fill);
  made.valid_until = end;
  return made;
}

core::KeyRecord key(char id, const std::string& tier_name = "free") {
  core::KeyRecord record;
  record.id = key_id(id);
  record.tier = tier_name;
  record.created_at = WallTime(Seconds(1'000));
  record.secrets = {secret_until(1, std::nullopt)};
  record.limit_revision = 1;
  return record;
}

core::KeyChanges changes(std::vector<core::KeyRecord> keys, std::vector<core::Tier> tiers = {}) {
  core::KeyChanges made;
  made.upserted = std::move(keys);
  made.tiers = std::move(tiers);
  return made;
}

core::KeyChanges changed_tier(core::Tier changed) {
  return changes({}, {std::move(changed)});
}

core::KeyChanges without(char id, std::vector<core::KeyRecord> keys = {}) {
  core::KeyChanges made = changes(std::move(keys));
  made.removed = {key_id(id)};
  return made;
}

// Hands out what the test queued, one page a call; says which revision was asked for.
class FakeFeed final : public ports::KeyFeed {
 public:
  Result<core::KeyChanges> changes_since(std::uint64_t revision, std::size_t) override {
    const std::lock_guard lock(mutex_);
    asked.push_back(revision);
    calls_.notify_all();
    if (down) return fail(codes::upstream_connect_failed, "admin is away");
    for (const core::KeyChanges& page : pages) {
      if (page.revision > revision) return page;
    }
    core::KeyChanges nothing;
    nothing.revision = pages.empty() ? revision : pages.back().revision;
    return nothing;
  }
  void add(core::KeyChanges page) {
    const std::lock_guard lock(mutex_);
    page.revision = pages.size() + 1;
    pages.push_back(std::move(page));
  }
  std::size_t calls() {
    const std::lock_guard lock(mutex_);
    return asked.size();
  }
  void wait_for_calls(std::size_t count) {
    std::unique_lock lock(mutex_);
    calls_.wait(lock, [&] { return asked.size() >= count; });
  }

  std::vector<core::KeyChanges> pages;
  std::vector<std::uint64_t> asked;
  bool down = false;

 private:
  std::mutex mutex_;
  std::condition_variable calls_;
};

class KeyFollowerTest : public testing::Test {
 protected:
  static KeyFollower::Options options(KeyFollowerTest* test) {
    KeyFollower::Options options;
    options.book.migrate = [test](std::span<const LimitMigration> migrations) { return test->migrate(migrations); };
    options.book.name = [test](core::NameKind kind, std::string_view text) { test->named_.emplace(kind, text); };
    options.interval = std::chrono::hours(1);
    return options;
  }
  std::size_t migrate(std::span<const LimitMigration> migrations) {
    const RcuReadGuard guard;
    const std::size_t count = std::min(migrations.size(), store_takes_);
    for (const LimitMigration& migration : migrations.first(count)) {
      migrated_.push_back(migration);
      published_at_migration_.push_back(find('a') == nullptr ? Hash128{} : find('a')->bucket);
    }
    return count;
  }
  // The entry stays while the test is the only one to write.
  const ports::KeyEntry* find(char id) const { return table_.find(key_id(id)); }
  ports::KeyEntry::Check check(char id, std::uint8_t secret_fill) const {
    return find(id)->check(secret(secret_fill), clock_.wall_now());
  }
  void load(core::KeyChanges page) {
    feed_.add(std::move(page));
    ASSERT_TRUE(follower_.follow_once());
  }

  FakeFeed feed_;
  ManualClock clock_;
  KeyTable table_{1};
  std::size_t store_takes_ = 1'000;
  std::vector<LimitMigration> migrated_;
  std::set<std::pair<core::NameKind, std::string>> named_;
  std::vector<Hash128> published_at_migration_;
  KeyFollower follower_{feed_, table_, clock_, options(this)};
};

TEST_F(KeyFollowerTest, IsReadyOnlyAfterThePageThatHasNoMoreBehindIt) {
  core::KeyChanges first = changes({key('a')}, {tier("free", kSmall)});
  first.more = true;
  feed_.add(first);
  EXPECT_FALSE(follower_.ready());
  feed_.add(changes({key('b')}));
  ASSERT_TRUE(follower_.follow_once());
  EXPECT_TRUE(follower_.ready());
  EXPECT_EQ(feed_.asked, (std::vector<std::uint64_t>{0, 1}));
  ASSERT_NE(find('b'), nullptr);
  EXPECT_EQ(find('b')->rule->spec(), kSmall);
  EXPECT_EQ(find('b')->tier->ref, core::name_ref(core::NameKind::tier, "free"));
}

TEST_F(KeyFollowerTest, TellsTheLogWhatItsRecordsWillCallTiersAndConsumers) {
  core::KeyRecord owned = key('a');
  owned.consumer = "Acme";
  load(changes({owned, key('b')}, {tier("free", kSmall)}));
  EXPECT_EQ(named_, (std::set<std::pair<core::NameKind, std::string>>{{core::NameKind::tier, "free"},
                                                                      {core::NameKind::consumer, "Acme"}}));
  EXPECT_EQ(find('a')->consumer, core::name_ref(core::NameKind::consumer, "Acme"));
  EXPECT_EQ(find('b')->consumer, 0u);
  load(changes({}, {tier("free", {.refill_micro = 5, .max_burst = 5, .tokens_per_window = 5})}));
  EXPECT_EQ(find('a')->consumer, core::name_ref(core::NameKind::consumer, "Acme"));
}

TEST_F(KeyFollowerTest, PutsAChangeInForceWithinOneRound) {
  load(changes({key('a'), key('b')}, {tier("free", kSmall)}));
  EXPECT_EQ(check('a', 1), ports::KeyEntry::Check::valid);
  core::KeyRecord disabled = key('a');
  disabled.state = core::KeyState::disabled;
  load(without('b', {disabled}));
  EXPECT_EQ(check('a', 1), ports::KeyEntry::Check::disabled);
  EXPECT_EQ(find('b'), nullptr);
  EXPECT_TRUE(migrated_.empty());
}

TEST_F(KeyFollowerTest, KeepsTheOldSecretUntilTheGraceOfARotationEnds) {
  core::KeyRecord rotated = key('a');
  rotated.secrets = {secret_until(2, std::nullopt), secret_until(1, clock_.wall_now() + Seconds(60))};
  load(changes({rotated}, {tier("free", kSmall)}));
  EXPECT_EQ(check('a', 1), ports::KeyEntry::Check::valid);
  clock_.advance(Seconds(60));
  EXPECT_EQ(check('a', 1), ports::KeyEntry::Check::wrong_secret);
  EXPECT_EQ(check('a', 2), ports::KeyEntry::Check::valid);
}

TEST_F(KeyFollowerTest, CarriesLevelsOverBeforeATiersNewNumbersArePublished) {
  core::KeyRecord own = key('o');
  own.limit = kLarge;
  load(changes({key('a'), own, key('p', "pro")}, {tier("free", kSmall), tier("pro", kLarge)}));
  const Hash128 before = find('a')->bucket;
  const Hash128 own_before = find('o')->bucket;
  load(changed_tier(tier("free", kLarge, 2)));
  ASSERT_EQ(migrated_.size(), 1u);
  EXPECT_EQ(migrated_[0].from.bucket, before);
  EXPECT_EQ(migrated_[0].to.bucket, find('a')->bucket);
  EXPECT_NE(find('a')->bucket, before);
  EXPECT_EQ(migrated_[0].from.created, WallTime(Seconds(1'000)));
  EXPECT_EQ(published_at_migration_[0], before);
  EXPECT_EQ(find('a')->rule->spec(), kLarge);
  EXPECT_EQ(find('o')->bucket, own_before);
  EXPECT_EQ(find('o')->rule, find('o')->own_rule.get());
}

TEST_F(KeyFollowerTest, GivesAKeyWithNewNumbersAnotherBucket) {
  load(changes({key('a')}, {tier("free", kSmall)}));
  const Hash128 before = find('a')->bucket;
  core::KeyRecord changed = key('a');
  changed.limit = kLarge;
  changed.limit_revision = 2;
  load(changes({changed}));
  ASSERT_EQ(migrated_.size(), 1u);
  EXPECT_EQ(migrated_[0].from.bucket, before);
  EXPECT_EQ(find('a')->rule->spec(), kLarge);
}

TEST_F(KeyFollowerTest, RevokesAtOnceAndKeepsTheOldNumbersWhileLevelsCannotBeCarriedOver) {
  load(changes({key('a')}, {tier("free", kSmall)}));
  const Hash128 before = find('a')->bucket;
  core::KeyRecord changed = key('a');
  changed.limit = kLarge;
  changed.limit_revision = 2;
  changed.state = core::KeyState::disabled;
  store_takes_ = 0;
  feed_.add(changes({changed}));
  EXPECT_FALSE(follower_.follow_once());
  EXPECT_EQ(check('a', 1), ports::KeyEntry::Check::disabled);
  EXPECT_EQ(find('a')->bucket, before);
  EXPECT_EQ(find('a')->rule->spec(), kSmall);
  store_takes_ = 1;
  EXPECT_TRUE(follower_.follow_once());
  EXPECT_EQ(find('a')->rule->spec(), kLarge);
}

TEST_F(KeyFollowerTest, FinishesATierChangeThatStoppedHalfWay) {
  load(changes({key('a'), key('b'), key('c')}, {tier("free", kSmall)}));
  store_takes_ = 1;
  feed_.add(changed_tier(tier("free", kLarge, 2)));
  EXPECT_FALSE(follower_.follow_once());
  EXPECT_EQ(migrated_.size(), 1u);
  store_takes_ = 1'000;
  EXPECT_TRUE(follower_.follow_once());
  EXPECT_EQ(migrated_.size(), 3u);
  for (const char id : {'a', 'b', 'c'}) EXPECT_EQ(find(id)->rule->spec(), kLarge) << id;
}

TEST_F(KeyFollowerTest, KeepsAKeyOfAnUnknownTierOutUntilTheTierArrivesAndSaysSo) {
  testing::internal::CaptureStderr();
  load(changes({key('a', "gold"), key('b')}, {tier("free", kSmall)}));
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(find('a'), nullptr);
  EXPECT_NE(find('b'), nullptr);
  EXPECT_NE(said.find("unknown tier"), std::string::npos) << said;
  load(changed_tier(tier("gold", kLarge)));
  ASSERT_NE(find('a'), nullptr);
  EXPECT_EQ(find('a')->rule->spec(), kLarge);
}

TEST_F(KeyFollowerTest, RefusesAKeyWhoseNewTierIsUnknown) {
  load(changes({key('a')}, {tier("free", kSmall)}));
  load(changes({key('a', "gold")}));
  EXPECT_EQ(find('a'), nullptr);
}

TEST_F(KeyFollowerTest, ServesWhatItKnowsAndAgesWhileTheFeedFails) {
  load(changes({key('a')}, {tier("free", kSmall)}));
  feed_.down = true;
  clock_.advance(Seconds(30));
  EXPECT_FALSE(follower_.follow_once());
  EXPECT_EQ(check('a', 1), ports::KeyEntry::Check::valid);
  EXPECT_TRUE(follower_.ready());
  EXPECT_EQ(table_.staleness(clock_.mono_now()), Seconds(30));
  feed_.down = false;
  EXPECT_TRUE(follower_.follow_once());
  EXPECT_EQ(table_.staleness(clock_.mono_now()), Nanos(0));
}

TEST_F(KeyFollowerTest, DistrustsAFeedThatGoesBack) {
  load(changes({key('a')}, {tier("free", kSmall)}));
  feed_.pages.clear();
  feed_.pages.emplace_back();
  const auto outcome = follower_.follow_once();
  ASSERT_FALSE(outcome);
  EXPECT_TRUE(outcome.error().is(codes::store_corrupt));
}

TEST_F(KeyFollowerTest, StartedItTakesChangesByItselfAtEachInterval) {
  KeyFollower::Options often = options(this);
  often.interval = Millis(1);
  feed_.add(changes({key('a')}, {tier("free", kSmall)}));
  {
    KeyFollower started(feed_, table_, clock_, often);
    started.start();
    feed_.wait_for_calls(2);
    feed_.add(without('a'));
    feed_.wait_for_calls(feed_.calls() + 2);  // the first that begins from now on sees it; by the next it is applied
  }
  EXPECT_TRUE(table_.ready());
  EXPECT_EQ(find('a'), nullptr);
}

TEST(KeyFollowerBackOff, DoublesUpToTwoSeconds) {
  Nanos wait{0};
  std::vector<Nanos> waits;
  for (int i = 0; i < 6; ++i) waits.push_back(wait = next_back_off(wait, Millis(200)));
  EXPECT_EQ(waits, (std::vector<Nanos>{Millis(200), Millis(400), Millis(800), Millis(1600), Seconds(2), Seconds(2)}));
}

}  // namespace
}  // namespace tollgate::stores
