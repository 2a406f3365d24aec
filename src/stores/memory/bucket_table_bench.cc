// What a decision costs in process, the clock reading included, and what a bucket costs in memory.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <vector>

#include "stores/memory/memory_limit_store.h"

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kToken = 1'000'000;
constexpr std::size_t kColdKeys = 1'000'000;
constexpr std::size_t kHotKeys = 64;

const SystemClock& system_clock() {
  static const SystemClock clock;
  return clock;
}

core::TokenBucket rule() {
  // Refills as fast as it can be asked: decisions are admissions, the dearer kind.
  return *core::TokenBucket::make(
      {.refill_micro = 900'000'000 * kToken, .max_burst = 1'000'000'000, .tokens_per_window = 1'000'000'000});
}
// A token lasts for 100 s: nothing becomes full, and so forgotten, while a benchmark runs.
core::TokenBucket slow_rule() {
  return *core::TokenBucket::make(
      {.refill_micro = kToken / 100, .max_burst = 1'000'000, .tokens_per_window = 1'000'000});
}
core::TokenBucket ordinary_rule() {
  return *core::TokenBucket::make(
      {.refill_micro = 10 * kToken, .max_burst = 1'000'000'000, .tokens_per_window = 1'000'000'000});
}

std::vector<core::LimitCheck> checks_of(const core::TokenBucket& rule, std::size_t count) {
  std::vector<core::LimitCheck> checks;
  for (std::size_t i = 0; i < count; ++i) {
    checks.push_back({.rule = &rule,
                      .bucket = hash_tuple({"bench", std::to_string(i)}, 1),
                      .cost = 1,
                      .created = {},
                      .shadow = false});
  }
  return checks;
}

std::unique_ptr<MemoryLimitStore> new_store() {
  return std::move(*MemoryLimitStore::open(system_clock(), {}));
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  statm >> all >> resident;
  return resident * 4096;
}

void decide_over(benchmark::State& state, const core::TokenBucket& rule, std::size_t keys, std::size_t at_once) {
  const auto store = new_store();
  const std::vector<core::LimitCheck> checks = checks_of(rule, keys);
  for (const core::LimitCheck& check : checks) store->decide({&check, 1}, {});
  std::size_t next = 0;
  std::size_t denied = 0;
  for (auto _ : state) {
    const core::LimitOutcome outcome = store->decide({&checks[next], at_once}, {});
    denied += outcome.allowed ? 0u : 1u;
    benchmark::DoNotOptimize(outcome);
    next = next + 1 + at_once <= keys ? next + at_once : 0;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["denied"] = static_cast<double>(denied);
}

void decide_hot(benchmark::State& state) {
  decide_over(state, rule(), kHotKeys, 1);
}
BENCHMARK(decide_hot);

void decide_hot_at_an_ordinary_rate(benchmark::State& state) {
  decide_over(state, ordinary_rule(), kHotKeys, 1);
}
BENCHMARK(decide_hot_at_an_ordinary_rate);

void decide_hot_four_limits(benchmark::State& state) {
  decide_over(state, rule(), kHotKeys, 4);
}
BENCHMARK(decide_hot_four_limits);

// In hash order, so that each is a cache miss.
void decide_over_a_million_cold_keys(benchmark::State& state) {
  decide_over(state, slow_rule(), kColdKeys, 1);
}
BENCHMARK(decide_over_a_million_cold_keys);

void decide_denied(benchmark::State& state) {
  const auto store = new_store();
  const core::TokenBucket empty = *core::TokenBucket::make({.refill_micro = 1, .max_burst = 1, .tokens_per_window = 1});
  const std::vector<core::LimitCheck> checks = checks_of(empty, 1);
  for (auto _ : state) benchmark::DoNotOptimize(store->decide(checks, {}));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decide_denied);

// All threads on one bucket: the worst contention there is.
void decide_one_bucket_from_all_threads(benchmark::State& state) {
  static const core::TokenBucket fast = rule();
  static const std::unique_ptr<MemoryLimitStore> store = new_store();
  static const std::vector<core::LimitCheck> checks = checks_of(fast, 1);
  for (auto _ : state) benchmark::DoNotOptimize(store->decide(checks, {}));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decide_one_bucket_from_all_threads)->Threads(1)->Threads(2)->UseRealTime();

// Bytes per bucket that somebody used and nobody is using: by the table's own count, and as the kernel sees it.
void idle_buckets(benchmark::State& state) {
  const core::TokenBucket slow = slow_rule();
  const std::vector<core::LimitCheck> checks = checks_of(slow, kColdKeys);
  for (auto _ : state) {
    ::malloc_trim(0);
    const std::size_t before = resident_bytes();
    const auto store = new_store();
    for (const core::LimitCheck& check : checks) store->decide({&check, 1}, {});
    const double keys = static_cast<double>(kColdKeys);
    state.counters["resident_bytes_per_bucket"] = static_cast<double>(resident_bytes() - before) / keys;
    state.counters["table_bytes_per_bucket"] = static_cast<double>(store->stats().bytes) / keys;
  }
}
BENCHMARK(idle_buckets)->Iterations(1)->Unit(benchmark::kMillisecond);

void snapshot_of_a_million_buckets(benchmark::State& state) {
  const core::TokenBucket slow = slow_rule();
  const std::vector<core::LimitCheck> checks = checks_of(slow, kColdKeys);
  char directory[] = "/tmp/tollgate-bench-XXXXXX";
  if (::mkdtemp(directory) == nullptr) return state.SkipWithError("no temporary directory");
  {
    const auto store = std::move(*MemoryLimitStore::open(system_clock(), {.directory = directory}));
    for (const core::LimitCheck& check : checks) {
      core::LimitCheck drained = check;
      drained.cost = 1000;
      store->decide({&drained, 1}, {});
    }
    for (auto _ : state) {
      if (!store->snapshot()) state.SkipWithError("cannot write the snapshot");
    }
  }
  for (const char* name : {"/limiter.snapshot", "/limiter.drains", ""})
    std::remove((std::string(directory) + name).c_str());
}
BENCHMARK(snapshot_of_a_million_buckets)->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tollgate::stores
