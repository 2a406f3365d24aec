// A usage.db of version 1, row by row, answers as it did once it is opened as chunks.
#include <gtest/gtest.h>

#include <map>

#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_oracle_test.h"
#include "stores/sqlite/usage_records_test.h"
#include "stores/sqlite/usage_store.h"

namespace tollgate::stores {
namespace {

using core::DecisionRecord;
using core::RollupKey;
using core::RollupValue;

struct Total {
  RollupValue value;
  std::int64_t last_used_ns = 0;
};

// The file as version 1 left it: seconds of the last hour, minutes, totals of keys, and all together.
class VersionOne {
 public:
  explicit VersionOne(const std::string& path)
      : database_(*Database::open(path, {.migrations = usage_migrations().subspan(0, 1)})) {}

  void store(const std::vector<DecisionRecord>& records) {
    std::map<RollupKey, RollupValue> seconds, minutes;
    std::map<RollupKey, Total> totals;
    core::RollupCounts all;
    for (const DecisionRecord& record : records) {
      seconds[RollupKey::of(record, Seconds(1))].add(record);
      const RollupKey minute = RollupKey::of(record, Seconds(60));
      minutes[minute].add(record);
      all.add(record);
      if (minute.key == 0) continue;
      Total& total = totals[RollupKey::pack({.key = minute.key, .route = minute.route(), .method = minute.method()})];
      total.value.add(record);
      total.last_used_ns = std::max(total.last_used_ns, record.time_ns);
    }
    TG_ASSERT(database_.execute("BEGIN").has_value());
    for (const auto& [key, value] : seconds) put_rollup(1, key, value);
    for (const auto& [key, value] : minutes) put_rollup(60, key, value);
    for (const auto& [key, total] : totals) put_total(key, total);
    auto grand = database_.prepare("UPDATE grand_total SET requests = ?1, allowed = ?2");
    TG_ASSERT(grand->run(all.requests, all.allowed).has_value());
    TG_ASSERT(database_.execute("COMMIT").has_value());
  }
  void name(const core::NameDefinition& name) {
    auto put = database_.prepare("INSERT INTO name VALUES (?1, ?2, ?3)");
    TG_ASSERT(put->run(static_cast<std::uint8_t>(name.kind), name.ref, std::string_view(name.name)).has_value());
  }

 private:
  static std::string bytes_of(const core::Histogram& latency) {
    std::string bytes;
    latency.serialise(bytes);
    return bytes;
  }
  void put_rollup(std::int64_t width, const RollupKey& key, const RollupValue& value) {
    auto put = database_.prepare(
        "INSERT INTO rollup VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)");
    const core::RollupCounts& n = value.counts;
    const core::KeyId id = key.key_id();
    TG_ASSERT(put->run(width, key.bucket(), id.view(), key.route(), key.tier(), key.method(), key.status_class(),
                       n.requests, n.allowed, n.rate_limited, n.unauthorized, n.errors, n.bytes_in, n.bytes_out, n.cost,
                       Blob{bytes_of(value.latency)})
                  .has_value());
  }
  void put_total(const RollupKey& key, const Total& total) {
    auto put =
        database_.prepare("INSERT INTO key_total VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
    const core::RollupCounts& n = total.value.counts;
    const core::KeyId id = key.key_id();
    TG_ASSERT(put->run(id.view(), key.route(), key.method(), n.requests, n.allowed, n.rate_limited, n.unauthorized,
                       n.errors, n.bytes_in, n.bytes_out, n.cost, Blob{bytes_of(total.value.latency)},
                       total.last_used_ns)
                  .has_value());
  }

  Database database_;
};

class UsageConvertTest : public testing::Test {
 protected:
  UsageConvertTest() {
    std::mt19937_64 random(7);
    VersionOne before(scratch_.file("usage.db"));
    for (int i = 0; i < 3000; ++i) {
      const Seconds span = i % 2 == 0 ? Seconds(3000) : Seconds(20 * 86'400);
      records_.push_back(random_record(random, clock_.wall_now() - span, span));
      records_.back().consumer = 0;  // there were none
      oracle_.add(records_.back(), clock_.wall_now());
    }
    // Version 1 had deleted the seconds that were older.
    before.store(records_);
    for (const core::NameDefinition& name : make_batch(0, {}).names) before.name(name);
  }

  void expect_the_oracles_answers() {
    for (int opened = 0; opened < 2; ++opened) {
      const auto store = SqliteUsageStore::open(scratch_.file("usage.db"), clock_);
      ASSERT_TRUE(store.has_value()) << store.error().to_string();
      check_key(**store);
      check_series(**store);
      check_routes(**store);
      EXPECT_EQ((*store)->system_stats(clock_.wall_now())->counts.requests, oracle_.counts().requests);
      EXPECT_EQ((*store)->system_stats(clock_.wall_now())->active_keys, oracle_.active_keys(second()));
      while (*(*store)->maintain(clock_.wall_now())) {
      }
      clock_.advance(Seconds(61));
    }
  }

  std::int64_t second() const { return std::chrono::floor<Seconds>(clock_.wall_now()).time_since_epoch().count(); }
  void check_key(SqliteUsageStore& store) const {
    const core::KeyId key = key_id("keyNumberc");
    const auto is_its = [&](const DecisionRecord& record) { return record.key == core::key_number(key); };
    const auto usage = store.key_usage(key, clock_.wall_now());
    ASSERT_TRUE(usage.has_value() && usage->has_value());
    EXPECT_EQ((*usage)->counts, oracle_.sum(1, 0, second() + 1, is_its).counts);
    EXPECT_EQ((*usage)->last_used_at, WallTime(Millis(oracle_.last_used_ms(key))));
    EXPECT_EQ(figures({}, (*usage)->latency),
              figures({}, latency_ms(oracle_.sum(60, second() - 86'400, second() + 1, is_its).latency)));
  }
  void check_series(SqliteUsageStore& store) const {
    const auto any = [](const DecisionRecord&) { return true; };
    for (const std::int64_t step : {60, 3600, 86'400}) {
      const std::int64_t from = second() / 86'400 * 86'400 - 5 * 86'400;
      const auto series = store.time_series(
          {.from = WallTime(Seconds(from)), .to = WallTime(Seconds(second())), .step = Seconds(step)});
      ASSERT_TRUE(series.has_value()) << series.error().to_string();
      for (const auto& point : series->series.front().points) {
        const std::int64_t begin = std::chrono::floor<Seconds>(point.time).time_since_epoch().count();
        ASSERT_EQ(figures(point.counts, point.latency),
                  figures(oracle_.sum(60, begin, std::min(begin + step, second()), any)));
      }
    }
  }

  // Read from rows of everyone, which version 1 did not have.
  void check_routes(SqliteUsageStore& store) const {
    const std::int64_t from = second() / 86'400 * 86'400 - 30 * 86'400;
    const auto top = store.top({.from = WallTime(Seconds(from)),
                                .to = WallTime(Seconds(second() + 1)),
                                .by = ports::TopQuery::By::endpoint,
                                .count = 1000});
    ASSERT_TRUE(top.has_value()) << top.error().to_string();
    std::map<std::string, RollupValue> expected;
    for (const DecisionRecord& record : oracle_.records()) {
      using ports::Dimension;
      expected[text_of(Dimension::method, record) + " " + text_of(Dimension::route, record)].add(record);
    }
    EXPECT_EQ(top->entries.size(), expected.size());
    for (const auto& entry : top->entries) {
      EXPECT_EQ(figures(entry.counts, entry.latency), figures(expected.at(entry.name))) << entry.name;
    }
  }

  ManualClock clock_;
  ScratchDirectory scratch_;
  std::vector<DecisionRecord> records_;
  UsageOracle oracle_;
};

TEST_F(UsageConvertTest, EveryAnswerOutlivesTheConversion) {
  expect_the_oracles_answers();
}

TEST_F(UsageConvertTest, AConversionThatFailsLeavesTheRowsForTheNextStart) {
  {
    auto other = Database::open(scratch_.file("usage.db"), {.migrations = usage_migrations()});
    ASSERT_TRUE(
        other->execute("CREATE TRIGGER broken BEFORE INSERT ON chunk WHEN NEW.level = 4 "
                       "BEGIN SELECT RAISE(ABORT, 'told to'); END"));
    EXPECT_FALSE(SqliteUsageStore::open(scratch_.file("usage.db"), clock_));
    EXPECT_EQ(*other->query_int("SELECT count(*) FROM chunk"), 0);
    ASSERT_TRUE(other->execute("DROP TRIGGER broken"));
  }
  expect_the_oracles_answers();
}

}  // namespace
}  // namespace tollgate::stores
