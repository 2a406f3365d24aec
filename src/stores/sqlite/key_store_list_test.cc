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

constexpr auto kSorts = {ports::KeySort::created, ports::KeySort::name, ports::KeySort::tier, ports::KeySort::consumer,
                         ports::KeySort::expires};

// What a key is put in order by, as text that compares like it.
std::string place_of(const core::KeyRecord& key, ports::KeySort sort) {
  const auto padded = [](WallTime time) {
    const std::string digits = str::cat(time.time_since_epoch().count());
    return std::string(20 - digits.size(), '0') + digits;
  };
  switch (sort) {
    case ports::KeySort::created: return padded(key.created_at);
    case ports::KeySort::tier: return key.tier;
    case ports::KeySort::consumer: return key.consumer;
    case ports::KeySort::expires: return padded(key.expires_at.value_or(WallTime::max()));
    case ports::KeySort::name: break;
  }
  std::string lower = key.name;
  std::ranges::transform(lower, lower.begin(), str::lower);
  return lower;
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

TEST_F(KeyStoreListTest, APageOfAHundredThousandKeysTakesUnderFiftyMillisecondsInEveryOrder) {
  ASSERT_TRUE(database_->write([](Database& database) {
    return database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
        "INSERT INTO keys (id, name, prefix, tier, state, created_at, updated_at, secret_hash, secret_last4, "
        "limit_revision, revision) "
        "SELECT printf('%010d', i), 'key ' || i, 'tg_live', 'free', 0, i, i, zeroblob(32), 'abcd', 0, 1000 + i FROM n");
  }));
  using Steady = std::chrono::steady_clock;
  const auto best_of = [&](const ports::KeyFilter& filter) {
    Nanos best = Seconds(10);
    for (int round = 0; round < 5; ++round) {
      const auto begin = Steady::now();
      EXPECT_EQ(list(filter).keys.size(), 100u);
      best = std::min<Nanos>(best, Steady::now() - begin);
    }
    return best;
  };
  for (const char* cursor : {"50000-0000050000", "200-0000000200"}) {
    EXPECT_LT(best_of({.cursor = cursor, .limit = 100}), Millis(50)) << cursor;
  }
  for (const auto sort : kSorts) {
    for (const bool ascending : {false, true}) {
      const std::string second = list({.sort = sort, .ascending = ascending, .limit = 50'000}).next_cursor;
      EXPECT_LT(best_of({.sort = sort, .ascending = ascending, .cursor = second, .limit = 100}), Millis(50))
          << static_cast<int>(sort) << ascending;
    }
  }
}

// Against the plain reading of what the order and the filter mean.
TEST_F(KeyStoreListTest, InEveryOrderPagesHaveEveryKeyOnce) {
  for (int i = 0; i < 40; ++i) {
    core::KeyRecord record = key_record(i);
    record.name = str::cat(i % 2 == 0 ? "Key " : "key ", i % 7);
    record.consumer = i % 3 == 0 ? "" : str::cat("c", i % 4);
    record.tier = i % 2 == 0 ? "free" : "pro";
    if (i % 4 != 0) record.expires_at = clock_.wall_now() + Seconds(100 - i % 9);
    clock_.advance(Nanos(i % 2));
    ASSERT_TRUE(store_->create(record));
  }
  for (const auto sort : kSorts) {
    for (const bool ascending : {false, true}) {
      std::vector<core::KeyRecord> seen;
      std::string cursor;
      do {
        ports::KeyPage page = list({.sort = sort, .ascending = ascending, .cursor = cursor, .limit = 7});
        EXPECT_EQ(page.total.has_value(), cursor.empty());
        EXPECT_EQ(page.total.value_or(40), 40u);
        cursor = page.next_cursor;
        std::ranges::move(page.keys, std::back_inserter(seen));
      } while (!cursor.empty());
      ASSERT_EQ(seen.size(), 40u);
      const auto place = [&](const core::KeyRecord& key) { return std::pair(place_of(key, sort), key.id.view()); };
      for (std::size_t i = 1; i < seen.size(); ++i) {
        const auto& [low, high] = ascending ? std::pair(seen[i - 1], seen[i]) : std::pair(seen[i], seen[i - 1]);
        EXPECT_LT(place(low), place(high)) << static_cast<int>(sort) << ascending;
      }
    }
  }
}

TEST_F(KeyStoreListTest, ACursorOfAnotherOrderIsRefused) {
  create_keys(4);
  const std::string by_name = list({.sort = ports::KeySort::name, .limit = 2}).next_cursor;
  for (const auto sort : {ports::KeySort::created, ports::KeySort::expires, ports::KeySort::tier}) {
    EXPECT_TRUE(store_->list({.sort = sort, .cursor = by_name}).error().is(codes::invalid_parameter));
  }
  EXPECT_TRUE(
      store_->list({.sort = ports::KeySort::name, .cursor = "nzz-kkkkkkkkk1"}).error().is(codes::invalid_parameter));
}

TEST_F(KeyStoreListTest, SearchFindsConsumersLastCharactersAndBeginningsOfTheKeyItself) {
  core::KeyRecord record = key_record(1);
  record.consumer = "Acme Ltd";
  record.secrets[0].last4 = "wXyZ";
  ASSERT_TRUE(store_->create(record));
  ASSERT_TRUE(store_->create(key_record(2)));
  for (const char* found : {"acme", "wXyZ", "kkkkkkkkk1", "tg_live_kkkkkkkkk1"}) {
    EXPECT_EQ(search(found).keys.size(), 1u) << found;
  }
  for (const char* missing : {"wxyz", "XyZ", "tg_live_kkkkkkkkk1x"})
    EXPECT_EQ(search(missing).keys.size(), 0u) << missing;
  EXPECT_EQ(list({.consumer = "Acme Ltd"}).keys.size(), 1u);
  EXPECT_EQ(list({.consumer = "acme ltd"}).keys.size(), 0u);
}

TEST_F(KeyStoreListTest, ConsumersAreListedWithHowManyKeysTheyHave) {
  for (int i = 0; i < 6; ++i) {
    core::KeyRecord record = key_record(i);
    record.consumer = i == 0 ? "" : i < 4 ? "Acme" : "100%";
    ASSERT_TRUE(store_->create(record));
  }
  const auto all = store_->consumers({}).value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "100%");
  EXPECT_EQ(all[1].keys, 3u);
  EXPECT_EQ(store_->consumers({.search = "ACM"}).value().size(), 1u);
  EXPECT_EQ(store_->consumers({.search = "%"}).value().size(), 1u);
  EXPECT_EQ(store_->consumers({.after = "100%", .limit = 1}).value().front().name, "Acme");
}

TEST_F(KeyStoreListTest, SeveralChangesAreMadeTogetherAndEachThatCannotSaysWhy) {
  for (int i = 1; i <= 4; ++i) ASSERT_TRUE(store_->create(key_record(i)));
  std::vector<ports::KeyWrite> writes;
  for (int i = 1; i <= 4; ++i) {
    core::KeyRecord record = store_->get(key_id(i)).value();
    const std::uint64_t read = record.revision;
    record.state = core::KeyState::disabled;
    writes.push_back(
        {.record = record, .remove = i == 2, .expected_revision = i == 3 ? read + 100 : read, .audit = {}});
  }
  writes.push_back({.record = key_record(9), .remove = true, .expected_revision = 1, .audit = {}});
  const ports::RequestMark mark{.caller = "anna", .key = {1}};
  const auto results = store_->write_all(writes, &mark).value();
  ASSERT_EQ(results.size(), 5u);
  EXPECT_TRUE(results[0]);
  EXPECT_TRUE(results[1]);
  EXPECT_TRUE(results[2].error().is(codes::precondition_failed));
  EXPECT_TRUE(results[3]);
  EXPECT_TRUE(results[4].error().is(codes::key_not_found));
  EXPECT_EQ(list({.state = core::KeyState::disabled}).keys.size(), 2u);
  EXPECT_TRUE(store_->get(key_id(2)).error().is(codes::key_not_found));
  EXPECT_TRUE(store_->done_by(mark).value());
  EXPECT_TRUE(store_->write_all({}, &mark).error().is(codes::conflict));
}

}  // namespace
}  // namespace tollgate::stores
