#include <benchmark/benchmark.h>

#include <random>

#include "core/usage/batch_sum.h"
#include "core/usage/chunk_merge.h"
#include "core/usage/record_batch.h"

namespace tollgate::core {
namespace {

std::vector<DecisionRecord> records(std::size_t count, std::uint32_t keys) {
  std::mt19937_64 random(1);
  std::vector<DecisionRecord> made(count);
  for (std::size_t i = 0; i < count; ++i) {
    made[i].key = 1 + random() % keys;
    made[i].sequence = i;
    made[i].time_ns = 1'790'000'000'000'000'000 + static_cast<std::int64_t>(i) * 100'000;
    made[i].total_us = static_cast<std::uint32_t>(200 + random() % 3000);
    made[i].status = 200;
  }
  return made;
}

void batch_sum(benchmark::State& state) {
  const auto input = records(4096, static_cast<std::uint32_t>(state.range(0)));
  const BatchClock clock{.now = WallTime(Seconds(1'790'000'001)), .latest = WallTime(Seconds(1'790'000'301))};
  std::size_t bytes = 0;
  for (auto _ : state) bytes = sum_up(input, clock).chunks[0].bytes.size();
  state.SetItemsProcessed(state.iterations() * 4096);
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(batch_sum)->Arg(10)->Arg(1000)->Arg(1'000'000);

void chunk_read(benchmark::State& state) {
  const auto input = records(4096, 1'000'000);
  const BatchClock clock{.now = WallTime(Seconds(1'790'000'001)), .latest = WallTime(Seconds(1'790'000'301))};
  const Chunk chunk = sum_up(input, clock).chunks[0];
  for (auto _ : state) {
    auto reader = ChunkReader::open(chunk.bytes);
    RollupRow row;
    while (reader->next(row)) benchmark::DoNotOptimize(row.counts.bytes_out);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(chunk.info.rows));
}
BENCHMARK(chunk_read);

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
