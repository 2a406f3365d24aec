#include <benchmark/benchmark.h>

#include "stores/segments/decision_log.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {
namespace {

// Takes everything and keeps nothing.
class NullIngest final : public ports::UsageIngest {
 public:
  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch) override {
    if (batch.records.empty()) return ports::IngestAck{.stored_through = through_};
    through_ = batch.records.back().sequence + 1;
    return ports::IngestAck{.stored_through = through_, .added = batch.records.size()};
  }

 private:
  std::uint64_t through_ = 0;
};

core::DecisionRecord usual_record() {
  core::DecisionRecord record;
  record.time_ns = 1'790'000'000'000'000'000;
  record.status = 200;
  record.total_us = 1234;
  return record;
}

// What a worker pays for a request. The ring is emptied beside the clock, so that it never fills.
void append(benchmark::State& state) {
  const testing::TempDir dir;
  auto ring = Ring::open(system_io(), dir.file("ring.tgr"));
  core::DecisionRecord record = usual_record();
  std::uint64_t until_release = Ring::kCapacity;
  for (auto _ : state) {
    (*ring)->append(record);
    if (--until_release == 0) {
      (*ring)->release((*ring)->head());
      until_release = Ring::kCapacity;
    }
  }
}
BENCHMARK(append);

// What the writer's and the shipper's threads pay per record: encoding, write(), reading back, batches.
void write_and_ship(benchmark::State& state) {
  const testing::TempDir dir;
  NullIngest ingest;
  auto log = SegmentDecisionLog::open({.directory = dir.file("log")}, ingest);
  core::DecisionRecord record = usual_record();
  constexpr std::int64_t kRecords = 8192;
  MonoTime now{Seconds(1)};
  for (auto _ : state) {
    state.PauseTiming();
    for (std::int64_t i = 0; i < kRecords; ++i) (*log)->sink(0).append(record);
    now += Seconds(1);
    state.ResumeTiming();
    (*log)->write_step(now, LogWriter::Commit::now);
    while ((*log)->ship_step() == Millis(0)) {
    }
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.counters["segment_bytes_per_record"] =
      static_cast<double>((*log)->health().segment_bytes) / static_cast<double>((*log)->counters().produced);
}
BENCHMARK(write_and_ship);

}  // namespace
}  // namespace tollgate::stores
