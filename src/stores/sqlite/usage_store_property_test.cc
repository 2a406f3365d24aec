// Whatever comes in, in whatever order, and whatever is folded, merged, interrupted or opened again between: every
// answer is what a list of the records would give.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/str.h"
#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_oracle_test.h"
#include "stores/sqlite/usage_records_test.h"
#include "stores/sqlite/usage_store.h"

namespace tollgate::stores {
namespace {

using core::DecisionRecord;
using ports::GroupBy;

enum class Act : std::uint8_t {
  ingest,
  ingest_late,
  ingest_ahead,
  send_again,
  maintain_once,
  maintain,
  maintain_interrupted,
  reopen,
  wait_a_second,
  wait_a_minute,
  wait_an_hour,
  wait_a_day,
  step_back,
  step_ahead,
};

std::ostream& operator<<(std::ostream& out, Act act) {
  return out << static_cast<int>(act);
}

// One store and its oracle, taken through what may happen.
class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) { open(); }

  void act(Act what) {
    switch (what) {
      case Act::ingest: return ingest(now() - Seconds(90), Seconds(90));
      case Act::ingest_late: return ingest(now() - std::chrono::days(3), std::chrono::days(3));
      case Act::ingest_ahead: return ingest(now(), Seconds(600));
      case Act::send_again: return send_again();
      case Act::maintain_once: RC_ASSERT(store_->maintain(seen_now()).has_value()); return;
      case Act::maintain: return maintain();
      case Act::maintain_interrupted: return maintain_interrupted();
      case Act::reopen: return open();
      case Act::wait_a_second: return clock_.advance(Seconds(1));
      case Act::wait_a_minute: return clock_.advance(Seconds(61));
      case Act::wait_an_hour: return clock_.advance(Seconds(3700));
      case Act::wait_a_day: return clock_.advance(Seconds(87'000));
      case Act::step_back:
        unsure_until_ = std::max(unsure_until_, now() + Seconds(1200));
        return clock_.step_wall(-Seconds(4000));
      case Act::step_ahead: return clock_.step_wall(Seconds(100'000));
    }
  }

  void check() {
    check_system();
    check_series();
    check_keys();
    check_tops();
    check_recent_minutes();
  }

 private:
  WallTime now() const { return clock_.wall_now(); }
  std::int64_t now_second() const { return std::chrono::floor<Seconds>(now()).time_since_epoch().count(); }
  // Maintenance has seen this: seconds that were an hour old then may be gone.
  WallTime seen_now() {
    latest_ = std::max(latest_, now());
    return now();
  }
  void open() {
    store_.reset();
    auto opened = SqliteUsageStore::open(scratch_.file("usage.db"), clock_);
    RC_ASSERT(opened.has_value());
    store_ = *std::move(opened);
  }
  void ingest(WallTime from, Seconds span) {
    std::vector<DecisionRecord> records;
    for (std::uint64_t n = 1 + random_() % 40; n > 0; --n) records.push_back(random_record(random_, from, span));
    for (const DecisionRecord& record : records) oracle_.add(record, now());
    last_first_ = next_;
    next_ += records.size();
    last_ = make_batch(last_first_, std::move(records));
    const auto ack = store_->ingest(last_);
    RC_ASSERT((ack.has_value() && ack->stored_through == next_));
  }
  void send_again() {
    if (last_.records.empty()) return;
    const auto ack = store_->ingest(last_);
    RC_ASSERT((ack.has_value() && ack->added == 0u && ack->stored_through == next_));
  }
  void maintain() {
    for (int i = 0; i < 1000; ++i) {
      const auto more = store_->maintain(seen_now());
      RC_ASSERT(more.has_value());
      if (!*more) return;
    }
    RC_FAIL("maintenance finds no end");
  }
  // The file refuses some writes of a fold half-way, as a full disk does.
  void maintain_interrupted() {
    auto other = Database::open(scratch_.file("usage.db"), {.migrations = usage_migrations()});
    RC_ASSERT(other.has_value());
    const bool late = random_() % 2 == 0;
    RC_ASSERT(other
                  ->execute(late ? "CREATE TRIGGER broken BEFORE UPDATE ON chunk BEGIN SELECT RAISE(ABORT, 'told'); END"
                                 : "CREATE TRIGGER broken BEFORE INSERT ON chunk WHEN NEW.level > 0 "
                                   "BEGIN SELECT RAISE(ABORT, 'told'); END")
                  .has_value());
    [[maybe_unused]] const auto refused = store_->maintain(seen_now());
    RC_ASSERT(other->execute("DROP TRIGGER broken").has_value());
  }

  void check_system() {
    const auto stats = store_->system_stats(now());
    RC_ASSERT((stats.has_value() && stats->counts == oracle_.counts()));
    if (now() < unsure_until_) return;  // what is a quarter of an hour ago when the clock went back?
    const std::int64_t second = now_second();
    const auto any = [](const DecisionRecord&) { return true; };
    const auto rate = oracle_.sum(1, second - 10, second, any).counts.requests;
    RC_ASSERT(stats->requests_per_second == static_cast<double>(rate) / 10);
    RC_ASSERT(figures({}, stats->latency) ==
              figures({}, latency_ms(oracle_.sum(1, second - 899, second + 1, any).latency)));
    RC_ASSERT(stats->active_keys == oracle_.active_keys(second));
  }

  void check_series() {
    const std::int64_t second = now_second();
    for (const std::int64_t step : {1, 60, 300, 3600, 7200, 86'400}) {
      // From aligned to a day, an hour, a minute, or nothing.
      const std::int64_t align = std::array{1, 60, 3600, 86'400}[random_() % 4];
      std::int64_t from = second - static_cast<std::int64_t>(random_() % (5 * 86'400));
      from -= from % align;
      std::int64_t to = std::min(second + 400, from + step * static_cast<std::int64_t>(1 + random_() % 60));
      if (step == 1) from = second - 40, to = second + 10;
      if (step == 1 && WallTime(Seconds(from)) < latest_ - kSecondsKept) continue;
      if (from < to) check_one_series(from, to, step);
    }
  }

  void check_one_series(std::int64_t from, std::int64_t to, std::int64_t step) {
    ports::SeriesQuery query{.from = WallTime(Seconds(from)), .to = WallTime(Seconds(to)), .step = Seconds(step)};
    if (random_() % 2 == 0) query.route = "orders";
    if (random_() % 3 == 0) query.key = key_id("keyNumberc");
    const bool grouped = random_() % 2 == 0;
    if (grouped) query.group_by = {GroupBy::key, GroupBy::status};
    query.max_series = 200;
    const bool in_minutes = step % 60 == 0 && !(to - from <= 300 && from >= second_kept());
    if (!in_minutes && WallTime(Seconds(from)) < latest_ - kSecondsKept) return;
    const auto series = store_->time_series(query);
    RC_ASSERT(series.has_value());
    const std::int64_t unit = in_minutes ? 60 : 1;
    const std::int64_t first = from - from % unit;
    core::RollupCounts found;
    for (const ports::Series& one : *series) {
      RC_ASSERT(static_cast<std::int64_t>(one.points.size()) == (to - first + step - 1) / step);
      for (std::size_t i = 0; i < one.points.size(); ++i) {
        const std::int64_t begin = first + static_cast<std::int64_t>(i) * step;
        const auto wanted = [&](const DecisionRecord& record) { return is_wanted(query, one.group, record); };
        RC_ASSERT(figures(one.points[i].counts, one.points[i].latency) ==
                  figures(oracle_.sum(unit, begin, std::min(begin + step, to), wanted)));
        found += one.points[i].counts;
      }
    }
    const auto in_query = [&](const DecisionRecord& record) { return is_wanted(query, {}, record); };
    RC_ASSERT(found == oracle_.sum(unit, first, to, in_query).counts);  // no group is missing
  }
  std::int64_t second_kept() const { return now_second() - kSecondsKept.count(); }

  static bool is_wanted(const ports::SeriesQuery& query, const std::map<std::string, std::string>& group,
                        const DecisionRecord& record) {
    if (query.route && record.route != route_ref(*query.route)) return false;
    if (query.key && record.key != core::key_number(*query.key)) return false;
    if (group.empty()) return true;
    const std::string key = key_text(record);
    const std::string status = record.status < 100 ? "none" : str::cat(record.status / 100, "xx");
    return group.at("key") == key && group.at("status") == status;
  }

  void check_keys() {
    for (const std::string_view name : {"keyNumberb", "keyNumberk", "neverSeen0"}) {
      const core::KeyId key = key_id(name);
      const auto is_its = [&](const DecisionRecord& record) { return record.key == core::key_number(key); };
      const auto usage = store_->key_usage(key, now());
      RC_ASSERT(usage.has_value());
      const core::RollupValue all = oracle_.sum(1, 0, std::numeric_limits<std::int64_t>::max(), is_its);
      RC_ASSERT(usage->has_value() == (all.counts.requests > 0));
      if (!*usage) continue;
      RC_ASSERT((*usage)->counts == all.counts);
      RC_ASSERT((*usage)->last_used_at == WallTime(Millis(oracle_.last_used_ms(key))));
      const auto day = oracle_.sum(60, now_second() - 86'400, now_second() + 1, is_its);
      RC_ASSERT(figures({}, (*usage)->latency) == figures({}, latency_ms(day.latency)));
      for (const ports::EndpointUsage& endpoint : (*usage)->endpoints) {
        const auto at = oracle_.sum(1, 0, std::numeric_limits<std::int64_t>::max(), [&](const DecisionRecord& record) {
          return record.key == core::key_number(key) && endpoint_text(record) == endpoint.method + " " + endpoint.route;
        });
        RC_ASSERT(figures(endpoint.counts, endpoint.latency) == figures(at));
      }
    }
  }
  static std::string key_text(const DecisionRecord& record) {
    return record.key == 0 ? "none" : std::string(core::key_of_number(record.key).view());
  }
  static std::string endpoint_text(const DecisionRecord& record) {
    return str::cat(codec::method_name(static_cast<codec::Method>(record.method)),
                    record.route == route_ref("orders") ? " orders" : " users");
  }

  void check_tops() {
    const WallTime from = now() - Seconds(static_cast<std::int64_t>(3700 + random_() % 300'000));
    const std::int64_t first = std::chrono::floor<std::chrono::minutes>(from).time_since_epoch().count() * 60;
    const std::int64_t end = std::chrono::ceil<Seconds>(now()).time_since_epoch().count();
    const auto keys = store_->top_keys(from, now(), 1000);
    const auto endpoints = store_->top_endpoints(from, now(), 1000);
    RC_ASSERT((keys.has_value() && endpoints.has_value()));
    std::map<std::string, core::RollupValue> of_key, of_endpoint;
    for (const DecisionRecord& record : oracle_.records()) {
      const std::int64_t minute = UsageOracle::second_of(record) / 60 * 60;
      if (minute < first || minute >= end) continue;
      if (record.key != 0) of_key[key_text(record)].add(record);
      of_endpoint[endpoint_text(record)].add(record);
    }
    for (const auto& [expected, got] : {std::pair(of_key, *keys), std::pair(of_endpoint, *endpoints)}) {
      RC_ASSERT(got.size() == expected.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        RC_ASSERT(figures(got[i].counts, got[i].latency) == figures(expected.at(got[i].name)));
        RC_ASSERT((i == 0 || got[i].counts.requests <= got[i - 1].counts.requests));
      }
    }
  }

  void check_recent_minutes() {
    const auto minutes = store_->recent_minutes(now(), 90);
    RC_ASSERT((minutes.has_value() && minutes->size() == 90u));
    for (const ports::RecentMinute& minute : *minutes) {
      const std::int64_t begin = std::chrono::floor<Seconds>(minute.time).time_since_epoch().count();
      const auto any = [](const DecisionRecord&) { return true; };
      RC_ASSERT(minute.counts == oracle_.sum(60, begin, begin + 60, any).counts);
    }
  }

  ManualClock clock_;
  ScratchDirectory scratch_;
  std::mt19937_64 random_;
  UsageOracle oracle_;
  std::unique_ptr<SqliteUsageStore> store_;
  ports::RecordBatch last_;
  std::uint64_t last_first_ = 0;
  std::uint64_t next_ = 0;
  WallTime latest_{};
  WallTime unsure_until_{};
};

RC_GTEST_PROP(UsageStoreProperty, EveryAnswerIsThatOfAListOfTheRecords, (std::uint64_t seed)) {
  const auto act = rc::gen::weightedElement<Act>({{6, Act::ingest},
                                                  {2, Act::ingest_late},
                                                  {1, Act::ingest_ahead},
                                                  {1, Act::send_again},
                                                  {2, Act::maintain_once},
                                                  {4, Act::maintain},
                                                  {1, Act::maintain_interrupted},
                                                  {1, Act::reopen},
                                                  {2, Act::wait_a_second},
                                                  {3, Act::wait_a_minute},
                                                  {2, Act::wait_an_hour},
                                                  {2, Act::wait_a_day},
                                                  {1, Act::step_back},
                                                  {1, Act::step_ahead}});
  const auto acts = *rc::gen::container<std::vector<Act>>(act);
  Life life(seed);
  for (std::size_t i = 0; i < acts.size(); ++i) {
    life.act(acts[i]);
    if (i % 4 == 3) life.check();
  }
  life.check();
}

}  // namespace
}  // namespace tollgate::stores
