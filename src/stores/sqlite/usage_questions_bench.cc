// What questions about a month take, and how much memory many records leave behind.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_store.h"
#include "stores/sqlite/usage_traffic_bench.h"

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kKeys = 10'000;
constexpr std::uint64_t kRoutes = 20;
constexpr int kHours = 30 * 24;

// 30 days in which 10,000 keys make two requests an hour each, to 20 routes, by three methods, in three tiers, with
// answers of three classes; made once.
class Month {
 public:
  Month() {
    std::mt19937_64 random(1);
    std::uint64_t next = 0;
    for (int hour = 0; hour < kHours; ++hour) {
      for (std::uint64_t key = 0; key < 2 * kKeys; key += 4000) {
        std::vector<core::DecisionRecord> records;
        for (std::uint64_t i = key; i < key + 4000; ++i) records.push_back(record(i % kKeys, random));
        benchmark::DoNotOptimize(store->ingest(make_batch(next, std::move(records))));
        next += 4000;
      }
      clock.advance(Seconds(3600));
      maintain(*store, clock);
    }
  }
  static Month& instance() {
    static Month month;
    return month;
  }

  ScratchDirectory scratch;
  ManualClock clock;
  std::unique_ptr<SqliteUsageStore> store = *SqliteUsageStore::open(scratch.file("usage.db"), clock);

 private:
  core::DecisionRecord record(std::uint64_t key, std::mt19937_64& random) const {
    core::DecisionRecord record =
        make_record({.time = clock.wall_now() + Millis(random() % 200'000),
                     .key = key_numbered(key).view(),
                     .method = static_cast<codec::Method>(random() % 3),
                     .status = static_cast<std::uint16_t>(std::array{200, 200, 200, 404, 500}[random() % 5]),
                     .total_us = static_cast<std::uint32_t>(200 + random() % 3000)});
    record.route = route_ref(route_numbered(random() % kRoutes));
    record.tier = core::name_ref(core::NameKind::tier, std::array{"free", "pro", "own"}[key % 3]);
    record.client_family = 4;
    record.client_net[3] = static_cast<std::uint8_t>(key);
    return record;
  }
};

void month_by_route(benchmark::State& state, const ports::MetricSet& metrics) {
  Month& month = Month::instance();
  const WallTime now = month.clock.wall_now();
  std::vector<double> ms;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = month.store->time_series(
        {.from = now - std::chrono::days(30), .to = now, .group_by = {ports::Dimension::route}, .metrics = metrics});
    ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    if (!answer || answer->series.size() != kRoutes) state.SkipWithError("no answer");
  }
  std::ranges::sort(ms);
  state.counters["p95_ms"] = ms.empty() ? 0 : ms[ms.size() * 95 / 100];
}
BENCHMARK_CAPTURE(month_by_route, usual_metrics, ports::kUsualMetrics)->Iterations(60)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(month_by_route, requests, ports::MetricSet{ports::Metric::requests})
    ->Iterations(60)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(month_by_route, clients, ports::MetricSet{ports::Metric::clients})
    ->Iterations(20)
    ->Unit(benchmark::kMillisecond);

void month_top_keys(benchmark::State& state) {
  Month& month = Month::instance();
  const WallTime now = month.clock.wall_now();
  for (auto _ : state) {
    benchmark::DoNotOptimize(month.store->top({.from = now - std::chrono::days(30), .to = now}));
  }
}
BENCHMARK(month_top_keys)->Unit(benchmark::kMillisecond);

double resident_mib() {
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

// Of the whole process, after so many records of 100,000 keys at 40,000 a second, with questions between.
void memory(benchmark::State& state) {
  const ScratchDirectory scratch;
  ManualClock clock;
  auto store = SqliteUsageStore::open(scratch.file("usage.db"), clock);
  std::mt19937_64 random(1);
  std::uint64_t next = 0;
  double most = 0;
  for (auto _ : state) {
    clock.advance(Millis(100));
    benchmark::DoNotOptimize((*store)->ingest(make_batch(next, records(clock, {.keys = 100'000}, random))));
    next += 4096;
    if (next / 4096 % 10 == 0) maintain(**store, clock);
    if (next / 4096 % 500 != 0) continue;
    const WallTime now = clock.wall_now();
    benchmark::DoNotOptimize((*store)->top({.from = now - Seconds(3600), .to = now}));
    benchmark::DoNotOptimize(
        (*store)->time_series({.from = now - Seconds(3600), .to = now, .group_by = {ports::Dimension::key}}));
    most = std::max(most, resident_mib());
  }
  state.SetItemsProcessed(state.iterations() * 4096);
  state.counters["rss_mib"] = most;
}
BENCHMARK(memory)->Iterations(2'500)->Unit(benchmark::kMillisecond);
BENCHMARK(memory)->Iterations(7'500)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tollgate::stores
