#include "services/analytics/live_feed.h"

#include <benchmark/benchmark.h>

#include <random>

namespace tollgate::services {
namespace {

// What each record costs analytics for the live view, with so many keys calling, while somebody watches or nobody does.
void live_feed_take(benchmark::State& state) {
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  const bool watched = state.range(1) != 0;
  std::mt19937_64 random(1);
  std::vector<core::DecisionRecord> records(4096);
  for (core::DecisionRecord& record : records) {
    record.key = 1 + random() % keys;
    record.route = static_cast<core::NameRef>(1 + random() % 20);
    record.status = 200;
    record.total_us = static_cast<std::uint32_t>(200 + random() % 3000);
  }
  const SystemClock clock;
  LiveFeed feed(clock);
  for (auto _ : state) {
    if (watched) benchmark::DoNotOptimize(feed.since(feed.latest()));
    feed.take(records);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(records.size()));
}
BENCHMARK(live_feed_take)->ArgNames({"keys", "watched"})->Args({1000, 0})->Args({1000, 1})->Args({1'000'000, 1});

}  // namespace
}  // namespace tollgate::services
