#include <benchmark/benchmark.h>

#include <filesystem>

#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_records_test.h"
#include "stores/sqlite/usage_store.h"

namespace tollgate::stores {
namespace {

core::KeyId key_numbered(std::uint64_t number) {
  std::string text = "k000000000";
  for (std::size_t at = text.size(); number > 0; number /= 10) text[--at] = static_cast<char>('0' + number % 10);
  return key_id(text);
}

// 4096 records of a second or so, as a busy gateway ships them, spread over `keys` keys.
std::vector<core::DecisionRecord> records(const Clock& clock, std::uint64_t keys, std::mt19937_64& random) {
  std::vector<core::DecisionRecord> made;
  for (int i = 0; i < 4096; ++i) {
    made.push_back(random_record(random, clock.wall_now() - Seconds(1), Seconds(1)));
    made.back().key_id = key_numbered(random() % keys);
    made.back().status = random() % 10 == 0 ? 429 : 200;
    made.back().method = 0;
  }
  return made;
}

void ingest(benchmark::State& state) {
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  const ScratchDirectory scratch;
  ManualClock clock;
  auto store = SqliteUsageStore::open(scratch.file("usage.db"), clock);
  std::mt19937_64 random(1);
  std::uint64_t next = 0;
  for (auto _ : state) {
    state.PauseTiming();
    clock.advance(Millis(250));
    const auto batch = make_batch(next, records(clock, keys, random));
    next += batch.records.size();
    state.ResumeTiming();
    benchmark::DoNotOptimize((*store)->ingest(batch));
  }
  state.SetItemsProcessed(state.iterations() * 4096);
  state.counters["db_bytes_per_record"] =
      static_cast<double>(std::filesystem::file_size(scratch.file("usage.db"))) / static_cast<double>(next);
}
BENCHMARK(ingest)->Arg(10)->Arg(1000)->Arg(10'000);

// 10,000 active keys and a quarter of an hour of traffic behind; made once.
struct BusyStore {
  BusyStore() {
    std::mt19937_64 random(1);
    for (std::uint64_t next = 0; next < 90 * 4096; next += 4096) {
      clock.advance(Seconds(10));
      benchmark::DoNotOptimize(store->ingest(make_batch(next, records(clock, 10'000, random))));
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
  for (auto _ : state) benchmark::DoNotOptimize(busy.store->top_keys(now - Seconds(900), now, 10));
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
