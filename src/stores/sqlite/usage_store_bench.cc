#include <benchmark/benchmark.h>

#include <filesystem>

#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_store.h"
#include "stores/sqlite/usage_traffic_bench.h"

namespace tollgate::stores {
namespace {

template <class Question>
double milliseconds(Question question) {
  constexpr int kTimes = 5;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kTimes; ++i) benchmark::DoNotOptimize(question());
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count() / kTimes;
}

// From records to what every question reads, folding included: 130 s of 40,000 requests a second.
void ingest(benchmark::State& state) {
  const Traffic traffic{.keys = static_cast<std::uint64_t>(state.range(0)),
                        .routes = static_cast<std::uint64_t>(state.range(1))};
  const ScratchDirectory scratch;
  ManualClock clock;
  auto store = SqliteUsageStore::open(scratch.file("usage.db"), clock);
  std::mt19937_64 random(1);
  std::uint64_t next = 0;
  for (auto _ : state) {
    state.PauseTiming();
    clock.advance(Millis(100));
    const auto batch = make_batch(next, records(clock, traffic, random));
    next += batch.records.size();
    state.ResumeTiming();
    benchmark::DoNotOptimize((*store)->ingest(batch));
    if (next / 4096 % 10 != 0) continue;
    maintain(**store, clock);
  }
  state.SetItemsProcessed(state.iterations() * 4096);
  state.counters["db_bytes_per_record"] =
      static_cast<double>(std::filesystem::file_size(scratch.file("usage.db"))) / static_cast<double>(next);
  const WallTime now = clock.wall_now();
  state.counters["key_usage_ms"] = milliseconds([&] { return (*store)->key_usage(key_numbered(0), now); });
  state.counters["top_keys_ms"] = milliseconds([&] { return (*store)->top({.from = now - Seconds(900), .to = now}); });
}
BENCHMARK(ingest)
    ->ArgNames({"keys", "routes"})
    ->Args({1, 1})
    ->Args({10, 1})
    ->Args({10'000, 1})
    ->Args({1'000'000, 1})
    ->Args({1, 10'000})
    ->Iterations(1300)
    ->Unit(benchmark::kMillisecond);

// 10,000 active keys and a quarter of an hour of traffic behind; made once.
struct BusyStore {
  BusyStore() {
    std::mt19937_64 random(1);
    for (std::uint64_t next = 0; next < 90 * 4096; next += 4096) {
      clock.advance(Seconds(10));
      benchmark::DoNotOptimize(store->ingest(make_batch(next, records(clock, {.keys = 10'000}, random))));
      maintain(*store, clock);
    }
  }
  static BusyStore& instance() {
    static BusyStore busy;
    return busy;
  }

  ScratchDirectory scratch;
  ManualClock clock;
  std::unique_ptr<SqliteUsageStore> store = *SqliteUsageStore::open(scratch.file("usage.db"), clock);
};

void system_stats(benchmark::State& state) {
  BusyStore& busy = BusyStore::instance();
  for (auto _ : state) benchmark::DoNotOptimize(busy.store->system_stats(busy.clock.wall_now()));
}
BENCHMARK(system_stats)->Unit(benchmark::kMillisecond);

void key_usage(benchmark::State& state) {
  BusyStore& busy = BusyStore::instance();
  for (auto _ : state) {
    benchmark::DoNotOptimize(busy.store->key_usage(key_numbered(77), busy.clock.wall_now()));
  }
}
BENCHMARK(key_usage)->Unit(benchmark::kMillisecond);

void top_keys(benchmark::State& state) {
  BusyStore& busy = BusyStore::instance();
  const WallTime now = busy.clock.wall_now();
  for (auto _ : state) benchmark::DoNotOptimize(busy.store->top({.from = now - Seconds(900), .to = now}));
}
BENCHMARK(top_keys)->Unit(benchmark::kMillisecond);

void time_series(benchmark::State& state) {
  BusyStore& busy = BusyStore::instance();
  const WallTime now = busy.clock.wall_now();
  for (auto _ : state) {
    benchmark::DoNotOptimize(busy.store->time_series({.from = now - Seconds(900), .to = now, .step = Seconds(60)}));
  }
}
BENCHMARK(time_series)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tollgate::stores
