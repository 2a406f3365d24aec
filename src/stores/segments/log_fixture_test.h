// A decision log over fakes, driven step by step instead of by its threads. For tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "base/str.h"
#include "core/usage/aggregate.h"
#include "core/usage/chunk.h"
#include "core/usage/frames.h"
#include "core/usage/rollup.h"
#include "stores/segments/decision_log.h"
#include "stores/segments/fakes_test.h"
#include "stores/segments/segment_writer.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {

// Which record each sequence of a ring is, as those who appended it know.
class AppendedRecords {
 public:
  // A record that finds no room leaves its sequence to the next.
  void add(std::size_t worker, std::uint64_t sequence, std::uint64_t number) {
    std::vector<Sequences>& rings = rings_[worker];
    if (rings.empty()) rings.emplace_back();
    // Another ring; or the same, of whose newest records a power cut left nothing.
    const bool goes_back = !rings.back().empty() && sequence < rings.back().rbegin()->first;
    if (goes_back) rings.emplace_back(rings.back().begin(), rings.back().lower_bound(sequence));
    rings.back()[sequence] = number;
  }
  // Whether some ring's records of these sequences come to exactly these counts.
  bool come_to(const core::Aggregate& counts) const {
    core::RollupValue sum;
    for (const std::string& bytes : counts.chunks) {
      auto reader = core::ChunkReader::open(bytes);
      core::RollupRow row;
      while (reader && reader->next(row)) sum.add(row);
    }
    for (const auto& [worker, rings] : rings_) {
      for (const Sequences& ring : rings) {
        if (sum_of(ring, counts) == sum) return true;
      }
    }
    return false;
  }

 private:
  using Sequences = std::map<std::uint64_t, std::uint64_t>;  // to numbers
  static core::RollupValue sum_of(const Sequences& ring, const core::Aggregate& counts) {
    core::RollupValue sum;
    for (auto at = ring.lower_bound(counts.first); at != ring.end() && at->first < counts.end; ++at) {
      sum.add(numbered_record(at->second));
    }
    return sum;
  }
  std::map<std::size_t, std::vector<Sequences>> rings_;  // by worker; it may have had several
};

// Where the frames of records of a sound segment begin.
inline std::vector<std::size_t> record_frames(std::string_view segment) {
  std::vector<std::size_t> places;
  std::size_t at = kSegmentHeaderBytes;
  while (at < segment.size()) {
    const auto read = core::read_frame(segment.substr(at));
    TG_ASSERT(read.has_value());
    if (std::holds_alternative<core::RecordsFrame>(read->frame)) places.push_back(at);
    at += read->bytes;
  }
  return places;
}

class LogFixture {
 public:
  LogFixture() {
    options.directory = dir.file("log");
    options.ring_capacity = 1024;
    options.reserve_bytes = 256 << 10;
    options.io = &io;
    options.writer.commit_interval = Millis(5);  // so that a write without a sync can be had
    options.shipper.interval = Millis(1);
  }

  // Whatever a test did: nothing is unaccounted for, and nothing wrong arrived.
  ~LogFixture() {
    expect_sound_deliveries();
    if (log == nullptr) return;
    EXPECT_EQ(log->counters().unaccounted(), 0u);
  }
  LogFixture(const LogFixture&) = delete;
  LogFixture& operator=(const LogFixture&) = delete;

  // A start that meets faults of the disk may fail; one that does not must not.
  void open() {
    for (int attempt = 0; attempt < 4; ++attempt) {
      auto opened = SegmentDecisionLog::open(options, ingest);
      TG_ASSERT(opened.has_value() || opened.error().is(codes::data_dir_unusable));
      if (!opened) continue;
      log = *std::move(opened);
      return;
    }
    TG_ASSERT(false);
  }
  // As a kill does it: without stop().
  void crash() { log.reset(); }
  void reopen() {
    crash();
    open();
  }

  std::string segment(unsigned number) const { return str::cat(options.directory, "/seg-00000000000", number, ".tgs"); }

  void append(std::size_t worker = 0) {
    core::DecisionRecord record = numbered_record(appended);
    record.route = refer_to.route;
    record.tier = refer_to.tier;
    record.consumer = refer_to.consumer;
    record.limits = refer_to.limits;
    log->sink(worker).append(record);
    by_sequence.add(worker, record.sequence, appended++);
  }
  void append_many(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) append();
  }
  // Each in a frame of its own.
  void write_one_by_one(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      append();
      write();
    }
  }
  // What the writer's thread would do within the next second.
  bool write() {
    now += Seconds(1);
    return log->write_step(now, LogWriter::Commit::now);
  }
  // What the shipper's would do until it has nothing to do or fails.
  void ship() {
    while (log->ship_step() == Millis(0)) {
    }
  }
  // Everything works again; what can still arrive arrives.
  void settle() {
    io.heal();
    ingest.refuse_next(0);
    ingest.lose_next_acks(0);
    for (int i = 0; i < 10 && log->counters().spooled > 0; ++i) {
      write();
      ship();
    }
  }

  // Every record that arrived is one that was appended, whole and once, and counts are those of the records they stand
  // for.
  void expect_sound_deliveries() const {
    std::set<std::uint64_t> seen;
    for (const auto& [ring_id, ring] : ingest.rings()) {
      for (const auto& [sequence, record] : ring.records) {
        EXPECT_TRUE(is_numbered(record)) << "sequence " << sequence;
        EXPECT_LT(record.request_id, appended);
        EXPECT_TRUE(seen.insert(record.request_id).second) << "twice: " << record.request_id;
      }
      for (const auto& [first, counts] : ring.counts) {
        EXPECT_TRUE(counts.lost() > 0 || by_sequence.come_to(counts)) << "counts of " << first << " … " << counts.end;
        const auto inside = ring.records.lower_bound(first);
        EXPECT_TRUE(inside == ring.records.end() || inside->first >= counts.end) << "counted twice: " << inside->first;
      }
    }
  }
  void expect_nothing_lost() const {
    const ports::LogCounters counters = log->counters();
    EXPECT_EQ(counters.produced, appended);
    EXPECT_EQ(counters.stored, appended);
    EXPECT_EQ(counters.dropped, 0u);
    EXPECT_EQ(ingest.count(), appended);
    expect_sound_deliveries();
  }
  // Some of it may be counts only.
  void expect_everything_counted() const {
    const ports::LogCounters counters = log->counters();
    EXPECT_EQ(counters.produced, appended);
    EXPECT_EQ(counters.stored, ingest.count());
    EXPECT_EQ(counters.aggregated, ingest.counted());
    EXPECT_EQ(counters.stored + counters.aggregated, appended);
    EXPECT_EQ(counters.dropped, 0u);
    expect_sound_deliveries();
  }

  testing::TempDir dir;
  FaultyIo io;
  MemoryIngest ingest;
  DecisionLogOptions options;
  std::unique_ptr<SegmentDecisionLog> log;
  // What the next records refer to.
  struct {
    core::NameRef route = 0, tier = 0, consumer = 0, limits = 0;
  } refer_to;
  std::uint64_t appended = 0;
  AppendedRecords by_sequence;
  MonoTime now{Seconds(1000)};
};

}  // namespace tollgate::stores
