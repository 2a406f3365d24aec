// Whatever comes in, in whatever order, and whatever is folded, merged, interrupted or opened again between: every
// answer is what a list of the records would give.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <set>

#include "base/str.h"
#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_oracle_test.h"
#include "stores/sqlite/usage_records_test.h"
#include "stores/sqlite/usage_store.h"

namespace tollgate::stores {
namespace {

using core::DecisionRecord;
using ports::Dimension;
using ports::Metric;

enum class Act : std::uint8_t {
  ingest,
  ingest_late,
  ingest_too_late,
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
  step_back_an_hour,
  step_ahead_an_hour,
  step_back_a_day,
  step_ahead_a_day,
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
      case Act::ingest_too_late: return ingest(now() - std::chrono::days(9), std::chrono::days(3));
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
      case Act::step_back_an_hour: return step_back(Seconds(3600));
      case Act::step_ahead_an_hour: return clock_.step_wall(Seconds(3600));
      case Act::step_back_a_day: return step_back(std::chrono::days(1));
      case Act::step_ahead_a_day: return clock_.step_wall(std::chrono::days(1));
    }
  }

  void check() {
    check_system();
    check_series();
    check_latencies();
    check_report();
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
  void step_back(Seconds step) {
    unsure_until_ = std::max(unsure_until_, now() + Seconds(1200));
    clock_.step_wall(-step);
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
    RC_ASSERT(stats->clamped.past == oracle_.clamped().past);
    RC_ASSERT(stats->clamped.future == oracle_.clamped().future);
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
      if (step == 1 && WallTime(Seconds(from)) < latest_ - kUsageKept[kSecondLevel]) continue;
      if (from < to) check_one_series(from, to, step);
    }
  }

  template <class Value>
  Value one_of(std::initializer_list<Value> values) {
    return *(values.begin() + random_() % values.size());
  }
  std::vector<Dimension> some_dimensions() {
    std::vector<Dimension> all{Dimension::key,  Dimension::consumer, Dimension::route,
                               Dimension::tier, Dimension::status,   Dimension::method};
    std::ranges::shuffle(all, random_);
    all.resize(one_of<std::size_t>({0, 1, 1, 2, 3}));
    return all;
  }
  ports::UsageFilter some_filter() {
    ports::UsageFilter filter;
    if (random_() % 4 == 0) filter.key = key_id("keyNumberc");
    if (random_() % 4 == 0) filter.consumer = one_of({"acme", "umbrella", "none"});
    if (random_() % 4 == 0) filter.route = one_of({"orders", "users"});
    if (random_() % 4 == 0) filter.tier = one_of({"free", "pro"});
    if (random_() % 4 == 0) filter.status_class = static_cast<std::uint8_t>(random_() % 6);
    if (random_() % 4 == 0) filter.method = static_cast<std::uint8_t>(random_() % 4);
    return filter;
  }
  static bool passes(const ports::UsageFilter& filter, const DecisionRecord& record) {
    return (!filter.key || core::key_number(*filter.key) == record.key) &&
           (!filter.consumer || *filter.consumer == text_of(Dimension::consumer, record)) &&
           (!filter.route || *filter.route == text_of(Dimension::route, record)) &&
           (!filter.tier || *filter.tier == text_of(Dimension::tier, record)) &&
           (!filter.status_class || *filter.status_class == record.status / 100) &&
           (!filter.method || *filter.method == record.method);
  }
  static ports::UsageGroup group_of(const std::vector<Dimension>& by, const DecisionRecord& record) {
    ports::UsageGroup group;
    for (const Dimension dimension : by) group.emplace(ports::name_of(dimension), text_of(dimension, record));
    return group;
  }
  // Whether a record counts in a group of an answer; in "other" if in none of those that are `shown`.
  struct Member {
    const ports::UsageFilter& filter;
    const std::vector<Dimension>& by;
    const ports::UsageGroup& group;
    const std::set<ports::UsageGroup>& shown;
    bool operator()(const DecisionRecord& record) const {
      if (!passes(filter, record)) return false;
      const ports::UsageGroup its = group_of(by, record);
      return group.contains("other") ? !shown.contains(its) : its == group;
    }
  };

  // Of minutes, or of seconds for a short range of late.
  std::int64_t unit_of(std::int64_t from, std::int64_t to, std::int64_t step) const {
    return step % 60 == 0 && !(to - from <= 300 && from >= second_kept()) ? 60 : 1;
  }
  std::int64_t second_kept() const { return now_second() - kUsageKept[kSecondLevel].count(); }

  void check_one_series(std::int64_t from, std::int64_t to, std::int64_t step) {
    ports::SeriesQuery query{.from = WallTime(Seconds(from)),
                             .to = WallTime(Seconds(to)),
                             .step = Seconds(step),
                             .group_by = some_dimensions(),
                             .filter = some_filter()};
    query.metrics.add(Metric::clients);
    query.max_series = one_of<std::size_t>({1, 3, 200});
    const std::int64_t unit = unit_of(from, to, step);
    if (unit == 1 && WallTime(Seconds(from)) < latest_ - kUsageKept[kSecondLevel]) return;
    const auto answer = store_->time_series(query);
    RC_ASSERT(answer.has_value());
    const std::int64_t first = from - from % unit;
    RC_ASSERT(answer->range.from == WallTime(Seconds(first)));
    std::set<ports::UsageGroup> shown;
    for (const ports::Series& one : answer->series) shown.insert(one.group);
    RC_ASSERT(shown.size() <= query.max_series + 1);
    core::RollupCounts found;
    for (const ports::Series& one : answer->series) {
      RC_ASSERT(static_cast<std::int64_t>(one.points.size()) == (to - first + step - 1) / step);
      const Member member{query.filter, query.group_by, one.group, shown};
      for (std::size_t i = 0; i < one.points.size(); ++i) {
        const std::int64_t begin = first + static_cast<std::int64_t>(i) * step;
        const core::RollupValue expected = oracle_.sum(unit, begin, std::min(begin + step, to), member);
        RC_ASSERT(figures(one.points[i].counts, one.points[i].latency) == figures(expected));
        RC_ASSERT(one.points[i].clients == expected.clients.count());
        found += one.points[i].counts;
      }
    }
    const auto in_query = [&](const DecisionRecord& record) { return passes(query.filter, record); };
    RC_ASSERT(found == oracle_.sum(unit, first, to, in_query).counts);  // no group is missing
  }

  // Aligned to a minute, an hour, a day, or nothing.
  ports::SeriesQuery some_range() {
    const std::int64_t align = one_of<std::int64_t>({1, 60, 3600, 86'400});
    std::int64_t from = now_second() - static_cast<std::int64_t>(random_() % (5 * 86'400));
    from -= from % align;
    const std::int64_t to = from + static_cast<std::int64_t>(301 + random_() % 300'000);
    return {.from = WallTime(Seconds(from)), .to = WallTime(Seconds(to))};
  }

  void check_latencies() {
    const ports::SeriesQuery range = some_range();
    const ports::LatencyQuery query{.from = range.from,
                                    .to = range.to,
                                    .quantiles = {0.25, 0.999},
                                    .group_by = some_dimensions(),
                                    .filter = some_filter(),
                                    .max_groups = one_of<std::size_t>({1, 3, 200})};
    const auto answer = store_->latency(query);
    RC_ASSERT(answer.has_value());
    std::set<ports::UsageGroup> shown;
    for (const ports::LatencyGroup& one : answer->groups) shown.insert(one.group);
    const auto [first, end] = minutes_around(range);
    for (const ports::LatencyGroup& one : answer->groups) {
      const auto all = oracle_.sum(60, first, end, Member{query.filter, query.group_by, one.group, shown});
      RC_ASSERT(one.requests == all.counts.requests);
      RC_ASSERT((one.ms == std::vector{all.latency.quantile_us(0.25) / 1000, all.latency.quantile_us(0.999) / 1000}));
    }
  }
  static std::pair<std::int64_t, std::int64_t> minutes_around(const ports::SeriesQuery& range) {
    const std::int64_t from = std::chrono::floor<Seconds>(range.from).time_since_epoch().count();
    return {from - from % 60, std::chrono::ceil<Seconds>(range.to).time_since_epoch().count()};
  }

  void check_report() {
    using By = ports::ReportQuery::By;
    const auto [by, dimension] = one_of<std::pair<By, Dimension>>(
        {{By::key, Dimension::key}, {By::consumer, Dimension::consumer}, {By::tier, Dimension::tier}});
    const auto [first, end] = minutes_around(some_range());
    ports::ReportQuery query{.from = WallTime(Seconds(first)),
                             .to = WallTime(Seconds((end + 59) / 60 * 60)),
                             .by = by,
                             .rows = one_of<std::uint64_t>({1, 20, 1'000'000})};
    std::map<std::string, core::RollupCounts> expected, got;
    for (const DecisionRecord& record : oracle_.records()) {
      const WallTime time{Nanos(record.time_ns)};
      if (time >= query.from && time < query.to) expected[text_of(dimension, record)].add(record);
    }
    std::string last;
    while (true) {
      const auto part = store_->report(query);
      RC_ASSERT(part.has_value());
      for (const ports::ReportEntry& entry : part->entries) {
        if (by == By::key && entry.name != "none") {
          RC_ASSERT((last < entry.name && !got.contains(entry.name)));
          last = entry.name;
        }
        got[entry.name] += entry.counts;
      }
      if (!part->next_key) break;
      query.first_key = *part->next_key;
    }
    RC_ASSERT(got == expected);
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
      const std::int64_t day_ago = (now_second() - 86'400) / 60 * 60;
      const auto day = oracle_.sum(60, day_ago, now_second() + 1, is_its);
      RC_ASSERT(figures({}, (*usage)->latency) == figures({}, latency_ms(day.latency)));
      for (const ports::EndpointUsage& endpoint : (*usage)->endpoints) {
        const auto at = oracle_.sum(1, 0, std::numeric_limits<std::int64_t>::max(), [&](const DecisionRecord& record) {
          return record.key == core::key_number(key) && text_of(Dimension::method, record) == endpoint.method &&
                 text_of(Dimension::route, record) == endpoint.route;
        });
        RC_ASSERT(figures(endpoint.counts, endpoint.latency) == figures(at));
      }
    }
  }

  void check_tops() {
    using By = ports::TopQuery::By;
    const std::vector<std::pair<By, std::vector<Dimension>>> kinds{
        {By::key, {Dimension::key}},      {By::endpoint, {Dimension::method, Dimension::route}},
        {By::route, {Dimension::route}},  {By::consumer, {Dimension::consumer}},
        {By::tier, {Dimension::tier}},    {By::status, {Dimension::status}},
        {By::method, {Dimension::method}}};
    for (int i = 0; i < 3; ++i) {
      const auto& [by, dimensions] = kinds[random_() % kinds.size()];
      check_top(by, dimensions);
    }
  }
  void check_top(ports::TopQuery::By by, const std::vector<Dimension>& dimensions) {
    const ports::SeriesQuery range = some_range();
    const ports::TopQuery query{
        .from = range.from,
        .to = range.to,
        .by = by,
        .metric = one_of({Metric::requests, Metric::requests, Metric::errors, Metric::bytes_out, Metric::cost}),
        .filter = random_() % 2 == 0 ? some_filter() : ports::UsageFilter{},
        .count = one_of<std::size_t>({1, 4, 1000})};
    const auto top = store_->top(query);
    RC_ASSERT(top.has_value());
    const auto [first, end] = minutes_around(range);
    std::map<std::string, core::RollupValue> expected;
    for (const DecisionRecord& record : oracle_.records()) {
      const std::int64_t minute = UsageOracle::second_of(record) / 60 * 60;
      if (minute < first || minute >= end || !passes(query.filter, record)) continue;
      if (by == ports::TopQuery::By::key && record.key == 0) continue;
      std::string name;
      for (const Dimension dimension : dimensions) {
        str::append(name, name.empty() ? "" : " ", text_of(dimension, record));
      }
      expected[name].add(record);
    }
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    for (const ports::TopEntry& entry : top->entries) {
      RC_ASSERT(expected.contains(entry.name));
      RC_ASSERT(figures(entry.counts, entry.latency) == figures(expected.at(entry.name)));
      RC_ASSERT(ports::value_of(entry.counts, query.metric) <= last);
      last = ports::value_of(entry.counts, query.metric);
      expected.erase(entry.name);
    }
    const bool is_full = top->entries.size() == query.count;
    for (const auto& [name, value] : expected) {
      RC_ASSERT(ports::value_of(value.counts, query.metric) <= (is_full ? last : 0));
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
                                                  {1, Act::ingest_too_late},
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
                                                  {1, Act::step_back_an_hour},
                                                  {1, Act::step_ahead_an_hour},
                                                  {1, Act::step_back_a_day},
                                                  {1, Act::step_ahead_a_day}});
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
