#include <benchmark/benchmark.h>

#include <random>

#include "core/usage/record_batch.h"
#include "core/usage/rollup.h"

namespace tollgate::core {
namespace {

std::vector<DecisionRecord> records(std::size_t count, std::uint32_t keys) {
  std::mt19937_64 random(1);
  std::vector<DecisionRecord> made(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t key = random() % keys;
    for (char& c : made[i].key_id.text) {
      c = static_cast<char>('a' + key % 26);
      key /= 26;
    }
    made[i].sequence = i;
    made[i].time_ns = 1'790'000'000'000'000'000 + static_cast<std::int64_t>(i) * 100'000;
    made[i].total_us = static_cast<std::uint32_t>(200 + random() % 3000);
    made[i].status = 200;
  }
  return made;
}

void rollup_add(benchmark::State& state) {
  const auto input = records(4096, static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) {
    RollupMap map;
    for (const DecisionRecord& record : input) map.add(record, Seconds(1));
    benchmark::DoNotOptimize(map.entries().data());
  }
  state.SetItemsProcessed(state.iterations() * 4096);
}
BENCHMARK(rollup_add)->Arg(10)->Arg(1000);

void histogram_record(benchmark::State& state) {
  const auto input = records(4096, 1);
  Histogram histogram;
  for (auto _ : state) {
    for (const DecisionRecord& record : input) histogram.record(record.total_us);
  }
  state.SetItemsProcessed(state.iterations() * 4096);
}
BENCHMARK(histogram_record);

void batch_encode_decode(benchmark::State& state) {
  const RecordBatch batch{.ring_id = 1, .names = {}, .records = records(4096, 100)};
  for (auto _ : state) benchmark::DoNotOptimize(decode_batch(encode_batch(batch)));
  state.SetItemsProcessed(state.iterations() * 4096);
}
BENCHMARK(batch_encode_decode);

}  // namespace
}  // namespace tollgate::core
