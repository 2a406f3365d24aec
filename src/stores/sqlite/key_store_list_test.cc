#include <algorithm>
#include <chrono>
#include <set>

#include "stores/sqlite/key_store_fixture_test.h"

namespace tollgate::stores {
namespace {

std::vector<int> numbers(const ports::KeyPage& page) {
  std::vector<int> out;
  for (const core::KeyRecord& record : page.keys) {
    out.push_back(str::parse_int<int>(std::string_view(record.name).substr(4)).value_or(-1));
  }
  return out;
}

class KeyStoreListTest : public KeyStoreTest {
 protected:
  void create_keys(int count) {
    for (int i = 0; i < count; ++i) {
      if (i % 3 != 0) clock_.advance(Nanos(1));  // some at the same instant
      core::KeyRecord record = key_record(i);
      record.tier = i % 2 == 0 ? "free" : "pro";
      record.state = i % 5 == 0 ? core::KeyState::disabled : core::KeyState::active;
      ASSERT_TRUE(store_->create(record));
    }
  }
  ports::KeyPage list(const ports::KeyFilter& filter) { return store_->list(filter).value(); }
  ports::KeyPage search(const std::string& text) { return list({.search = text}); }
};

TEST_F(KeyStoreListTest, PagesHaveEveryKeyOnceNewestFirstWhateverIsCreatedMeanwhile) {
  create_keys(25);
  std::vector<int> seen;
  std::string cursor;
  int extra = 100;
  do {
    const ports::KeyPage page = list({.cursor = cursor, .limit = 4});
    EXPECT_LE(page.keys.size(), 4u);
    for (const int number : numbers(page)) seen.push_back(number);
    cursor = page.next_cursor;
    clock_.advance(Nanos(1));
    ASSERT_TRUE(store_->create(key_record(extra++)));
  } while (!cursor.empty());
  EXPECT_EQ(std::set<int>(seen.begin(), seen.end()).size(), 25u);
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_EQ(seen.front(), 24);
  for (std::size_t i = 3; i < seen.size(); ++i) EXPECT_LT(seen[i], seen[i - 3]);  // at most two share an instant
}

TEST_F(KeyStoreListTest, TheLastPageSaysSo) {
  create_keys(4);
  EXPECT_EQ(list({.limit = 4}).next_cursor, "");
  EXPECT_NE(list({.limit = 3}).next_cursor, "");
  EXPECT_EQ(list({.limit = 0}).keys.size(), 1u);
}

TEST_F(KeyStoreListTest, FiltersApplyTogether) {
  create_keys(20);
  EXPECT_EQ(list({.tier = "pro"}).keys.size(), 10u);
  EXPECT_EQ(list({.tier = "PRO"}).keys.size(), 10u);
  EXPECT_EQ(list({.tier = "gold"}).keys.size(), 0u);
  EXPECT_EQ(list({.tier = "no such'"}).keys.size(), 0u);
  EXPECT_EQ(list({.state = core::KeyState::disabled}).keys.size(), 4u);
  EXPECT_EQ(numbers(list({.search = "key 1", .tier = "pro", .state = core::KeyState::disabled})),
            (std::vector<int>{15}));
}

TEST_F(KeyStoreListTest, SearchFindsPartsOfNamesAndBeginningsOfIds) {
  create_keys(12);
  EXPECT_EQ(numbers(search("KEY 11")), (std::vector<int>{11}));
  EXPECT_EQ(search("ey 1").keys.size(), 3u);
  EXPECT_EQ(numbers(search("kkkkkkkkk7")), (std::vector<int>{7}));
  EXPECT_EQ(search("kkkkkkkkk").keys.size(), 10u);
  EXPECT_EQ(search("k7").keys.size(), 0u);
}

TEST_F(KeyStoreListTest, WildcardsInASearchAreOrdinaryCharacters) {
  core::KeyRecord record = key_record(1);
  record.name = "50%_off\\sale";
  ASSERT_TRUE(store_->create(record));
  ASSERT_TRUE(store_->create(key_record(2)));
  for (const char* found : {"50%", "%_", "_off", "\\s", "%_off\\"}) EXPECT_EQ(search(found).keys.size(), 1u) << found;
  for (const char* missing : {"5%f", "%%", "_______", "key_2", "' OR 1=1 --"})
    EXPECT_EQ(search(missing).keys.size(), 0u) << missing;
}

TEST_F(KeyStoreListTest, AForeignCursorAndAnEndlessSearchAreRefused) {
  for (const char* cursor :
       {"x", "-", "12", "12-", "12-short", "x-kkkkkkkkk1", "12-kkkkkkkkk1;", "99999999999999999999-kkkkkkkkk1"}) {
    const auto page = store_->list({.cursor = cursor});
    ASSERT_FALSE(page) << cursor;
    EXPECT_TRUE(page.error().is(codes::invalid_parameter));
  }
  EXPECT_TRUE(store_->list({.search = std::string(201, 'a')}).error().is(codes::invalid_parameter));
}

TEST_F(KeyStoreListTest, APageOfAHundredThousandKeysTakesUnderFiftyMilliseconds) {
  ASSERT_TRUE(database_->write([](Database& database) {
    return database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
        "INSERT INTO keys (id, name, prefix, tier, state, created_at, updated_at, secret_hash, secret_last4, "
        "limit_revision, revision) "
        "SELECT printf('%010d', i), 'key ' || i, 'tg_live', 'free', 0, i, i, zeroblob(32), 'abcd', 0, 1000 + i FROM n");
  }));
  using Steady = std::chrono::steady_clock;
  for (const char* cursor : {"", "50000-0000050000", "200-0000000200"}) {
    Nanos best = Seconds(10);
    for (int round = 0; round < 5; ++round) {
      const auto begin = Steady::now();
      EXPECT_EQ(list({.cursor = cursor, .limit = 100}).keys.size(), 100u);
      best = std::min<Nanos>(best, Steady::now() - begin);
    }
    EXPECT_LT(best, Millis(50)) << cursor;
  }
}

}  // namespace
}  // namespace tollgate::stores
