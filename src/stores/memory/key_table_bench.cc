#include <benchmark/benchmark.h>
#include <malloc.h>

#include "base/str.h"
#include "stores/memory/key_table.h"

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kKeys = 1'000'000;

core::KeyId key_id(std::uint64_t number) {
  core::KeyId id;
  for (char& c : id.text) {
    c = static_cast<char>('a' + number % 26);
    number /= 26;
  }
  return id;
}

struct Filled {
  Filled() {
    const std::size_t before = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
    std::vector<KeyTable::Entry> entries;
    for (std::uint64_t i = 0; i < kKeys; ++i) {
      auto entry = std::make_unique<ports::KeyEntry>();
      entry->id = key_id(i);
      entries.push_back(std::move(entry));
      if (entries.size() == 10'000) table.put(std::exchange(entries, {}));
    }
    entries.shrink_to_fit();
    RcuDomain::instance().drain();
    bytes_per_key = static_cast<double>(::mallinfo2().uordblks + ::mallinfo2().hblkhd - before) / kKeys;
  }
  KeyTable table{12345};
  double bytes_per_key = 0;
};

Filled& filled() {
  static Filled value;
  return value;
}

void find_cold(benchmark::State& state) {
  const KeyTable& table = filled().table;
  std::uint64_t random = 1;
  for (auto _ : state) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const core::KeyId id = key_id((random >> 33) % kKeys);
    const RcuReadGuard guard;
    benchmark::DoNotOptimize(table.find(id));
  }
  state.counters["bytes_per_key"] = filled().bytes_per_key;
}
BENCHMARK(find_cold);

void find_hot(benchmark::State& state) {
  const KeyTable& table = filled().table;
  const core::KeyId id = key_id(4711);
  for (auto _ : state) {
    const RcuReadGuard guard;
    benchmark::DoNotOptimize(table.find(id));
  }
}
BENCHMARK(find_hot);

void visit_all(benchmark::State& state) {
  for (auto _ : state) {
    std::uint64_t sum = 0;
    filled().table.for_each([&](const ports::KeyEntry& entry) { sum += entry.secret_count; });
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(visit_all)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tollgate::stores
