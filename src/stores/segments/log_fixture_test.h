// A decision log over fakes, driven step by step instead of by its threads. For tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <set>

#include "base/assert.h"
#include "base/str.h"
#include "stores/segments/decision_log.h"
#include "stores/segments/fakes_test.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {

class LogFixture {
 public:
  LogFixture() {
    options.directory = dir.file("log");
    options.ring_capacity = 1024;
    options.io = &io;
    options.writer.commit_interval = Millis(5);  // so that a write without a sync can be had
    options.shipper.interval = Millis(1);
  }

  void open() {
    auto opened = SegmentDecisionLog::open(options, ingest);
    TG_ASSERT(opened.has_value());
    log = *std::move(opened);
  }
  // As a kill does it: without stop().
  void crash() { log.reset(); }
  void reopen() {
    crash();
    open();
  }

  std::string segment(unsigned number) const { return str::cat(options.directory, "/seg-00000000000", number, ".tgs"); }

  void append(std::size_t worker = 0) {
    core::DecisionRecord record = numbered_record(appended++);
    log->sink(worker).append(record);
  }
  void append_many(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) append();
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

  // Every record that arrived is one that was appended, whole and once.
  void expect_sound_deliveries() const {
    std::set<std::uint64_t> seen;
    for (const auto& [ring_id, ring] : ingest.rings()) {
      for (const auto& [sequence, record] : ring.records) {
        EXPECT_TRUE(is_numbered(record)) << "sequence " << sequence;
        EXPECT_LT(record.request_id, appended);
        EXPECT_TRUE(seen.insert(record.request_id).second) << "twice: " << record.request_id;
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

  testing::TempDir dir;
  FaultyIo io;
  MemoryIngest ingest;
  DecisionLogOptions options;
  std::unique_ptr<SegmentDecisionLog> log;
  std::uint64_t appended = 0;
  MonoTime now{Seconds(1000)};
};

}  // namespace tollgate::stores
