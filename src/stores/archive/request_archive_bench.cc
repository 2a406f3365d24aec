#include <benchmark/benchmark.h>

#include <ctime>
#include <memory>
#include <string>

#include "base/assert.h"
#include "stores/archive/request_archive.h"
#include "tests/support/temp_dir.h"
#include "tests/support/traffic.h"

namespace tollgate::stores {
namespace {

constexpr std::size_t kBatches = 256;  // about a million records

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

std::unique_ptr<RequestArchive> open_archive(const std::string& directory, const Clock& clock) {
  auto archive = RequestArchive::open({.directory = directory, .bytes_max = 1ull << 40}, clock);
  TG_ASSERT(archive.has_value());
  return *std::move(archive);
}

void seal_what_is_full(RequestArchive& archive, const Clock& clock) {
  while (archive.maintain(clock.wall_now()).value()) {
  }
}

// From a batch to its final form: CPU time a record, and what it takes on disk.
void append_and_seal(benchmark::State& state, testing::TrafficOptions options) {
  const testing::TempDir dir;
  ManualClock clock;
  testing::Traffic traffic(options);
  const auto archive = open_archive(dir.path(), clock);
  double sealing = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const core::RecordBatch batch = traffic.next_batch();
    state.ResumeTiming();
    TG_ASSERT(archive->append(batch).has_value());
    const double before = cpu_seconds();
    seal_what_is_full(*archive, clock);
    sealing += cpu_seconds() - before;
  }
  clock.advance(Seconds(3'600));
  seal_what_is_full(*archive, clock);
  clock.advance(Seconds(3'600));
  seal_what_is_full(*archive, clock);
  const auto records = static_cast<double>(archive->stats().records);
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
  state.counters["bytes_per_record"] = static_cast<double>(archive->stats().bytes) / records;
  state.counters["seal_ns_per_record"] = sealing * 1e9 / records;
}
BENCHMARK_CAPTURE(append_and_seal, traffic, testing::TrafficOptions{})
    ->Iterations(kBatches)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(append_and_seal, slow_traffic, testing::TrafficOptions{.per_second = 200})
    ->Iterations(kBatches)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(append_and_seal, a_tenth_traced, testing::TrafficOptions{.traced = 0.1})
    ->Iterations(kBatches)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(append_and_seal, million_keys, testing::TrafficOptions{.keys = 1'000'000})
    ->Iterations(kBatches)
    ->Unit(benchmark::kMillisecond);

// One archive that grows; ten thousand keys, of which the last has one request in a hundred thousand.
class Grown {
 public:
  static Grown& to(std::size_t records) {
    static Grown grown;
    while (grown.records_ < records) grown.add_batch();
    return grown;
  }
  RequestArchive& archive() { return *archive_; }
  std::uint64_t key(std::size_t rank) const { return traffic_.key(rank); }
  std::uint64_t some_id() const { return some_id_; }

 private:
  void add_batch() {
    const core::RecordBatch batch = traffic_.next_batch();
    TG_ASSERT(archive_->append(batch).has_value());
    seal_what_is_full(*archive_, clock_);
    if (records_ < 500'000) some_id_ = batch.records.front().request_id;  // an old one
    records_ += batch.records.size();
  }

  const testing::TempDir dir_;
  ManualClock clock_;
  testing::Traffic traffic_;
  std::unique_ptr<RequestArchive> archive_ = open_archive(dir_.path(), clock_);
  std::size_t records_ = 0;
  std::uint64_t some_id_ = 0;
};

// By how busy it is. One that there is not is the last.
void last_100_of_a_key(benchmark::State& state) {
  Grown& grown = Grown::to(static_cast<std::size_t>(state.range(0)));
  const auto rank = static_cast<std::size_t>(state.range(1));
  const ports::RequestQuery query{.filter = {.key = rank < 10'000 ? grown.key(rank) : 1}, .limit = 100, .cursor = {}};
  std::uint64_t found = 0;
  std::uint64_t blocks = 0;
  for (auto _ : state) {
    const auto page = grown.archive().search(query);
    TG_ASSERT(page.has_value());
    found = page->records.size();
    blocks = page->read.blocks;
  }
  state.counters["found"] = static_cast<double>(found);
  state.counters["blocks"] = static_cast<double>(blocks);
  state.counters["files"] = static_cast<double>(grown.archive().stats().files);
}
BENCHMARK(last_100_of_a_key)
    ->ArgNames({"records", "rank"})
    ->ArgsProduct({{1'000'000, 10'000'000, 30'000'000}, {0, 100, 9'999, 10'000}})
    ->Unit(benchmark::kMillisecond);

void find(benchmark::State& state) {
  Grown& grown = Grown::to(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) TG_ASSERT(grown.archive().find(grown.some_id())->size() == 1);
}
BENCHMARK(find)->ArgName("records")->Arg(30'000'000)->Unit(benchmark::kMillisecond);

// A search that no index helps: a status that there is not, through everything.
void search_everything(benchmark::State& state) {
  Grown& grown = Grown::to(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    const auto page = grown.archive().search({.filter = {.status = 418}, .limit = 100, .cursor = {}});
    TG_ASSERT(page.has_value() && page->records.empty());
  }
}
BENCHMARK(search_everything)->ArgName("records")->Arg(30'000'000)->Unit(benchmark::kMillisecond);

void scan(benchmark::State& state) {
  Grown& grown = Grown::to(static_cast<std::size_t>(state.range(0)));
  std::int64_t records = 0;
  for (auto _ : state) {
    auto scan = grown.archive().scan({});
    std::vector<core::LoggedRecord> some;
    do {
      TG_ASSERT((*scan)->next(some).has_value());
      records += static_cast<std::int64_t>(some.size());
    } while (!some.empty());
  }
  state.SetItemsProcessed(records);
}
BENCHMARK(scan)->ArgName("records")->Arg(30'000'000)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tollgate::stores
