// Where a ring, a disk or the room that segments may take is full.
#include <gtest/gtest.h>

#include <filesystem>

#include "stores/segments/decision_log.h"
#include "stores/segments/log_fixture_test.h"

namespace tollgate::stores {
namespace {

TEST(DecisionLog, AFullRingDropsAndCountsEachRecord) {
  LogFixture f;
  f.options.ring_capacity = 16;
  f.open();
  f.append_many(20);
  const ports::LogCounters counters = f.log->counters();
  EXPECT_EQ(counters.produced, 20u);
  EXPECT_EQ(counters.spooled, 16u);
  EXPECT_EQ(counters.dropped, 4u);
  EXPECT_EQ(counters.unaccounted(), 0u);
}

// Which fails what the reserve writes too.
TEST(DecisionLog, ADiskThatTakesNothingAtAllKeepsRecordsInTheRingUntilItDoesAgain) {
  LogFixture f;
  f.open();
  f.append_many(10);
  f.write();
  f.io.fail_calls(Fault::enospc, 0, 1'000'000);
  f.append_many(1000);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(f.write());
  EXPECT_GT(f.log->health().write_failures, 0u);
  f.append_many(100);  // 76 more than the ring holds
  EXPECT_EQ(f.log->counters().dropped, 76u);
  f.settle();
  EXPECT_EQ(f.log->counters().stored, f.appended - 76);
  EXPECT_EQ(f.ingest.count(), f.appended - 76);
  f.expect_sound_deliveries();
}

// Many small segments, all of them shipped.
void ship_segments(LogFixture& f) {
  f.options.writer.segment_bytes_max = 8 << 10;
  f.open();
  for (int i = 0; i < 6; ++i) {
    f.append_many(100);
    f.settle();
  }
}

TEST(DecisionLog, AFullDiskCostsShippedSegmentsOldestFirstBeforeItCostsARecord) {
  // In the middle of a segment, and where the next is to begin.
  for (const std::size_t in_segment : {10u, 100u}) {
    LogFixture f;
    ship_segments(f);
    f.append_many(in_segment);
    f.settle();
    const std::uint64_t segments = f.log->health().segments;
    f.append_many(100);
    f.io.fill_disk();
    EXPECT_FALSE(f.write());
    EXPECT_TRUE(f.log->write_step(f.now, LogWriter::Commit::now)) << "without a pause";
    EXPECT_FALSE(std::filesystem::exists(f.segment(1)));
    EXPECT_TRUE(std::filesystem::exists(f.segment(2)));
    EXPECT_GE(f.log->health().segments, segments - 1);
    f.settle();
    f.expect_nothing_lost();
  }
}

TEST(DecisionLog, AFullDiskCostsNoSegmentThatWasNotShipped) {
  LogFixture f;
  f.options.writer.segment_bytes_max = 8 << 10;
  f.open();
  f.ingest.refuse_next(1'000'000);
  for (int i = 0; i < 6; ++i) {
    f.append_many(100);
    f.write();
    f.log->ship_step();
  }
  f.io.fill_disk();
  f.append_many(100);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(f.write());
  EXPECT_TRUE(std::filesystem::exists(f.segment(1)));
  f.settle();
  f.expect_nothing_lost();
}

TEST(DecisionLog, ADiskThatFillsUpInTheMiddleReleasesOnlyWhatItTook) {
  LogFixture f;
  f.open();
  f.append_many(1);
  f.write();
  f.append_many(1000);
  f.io.fail_calls(Fault::enospc, 1);  // the second of two writes
  EXPECT_FALSE(f.write());
  f.append_many(600);  // 512 were written, so that 1024 - 488 find a slot
  EXPECT_EQ(f.log->counters().dropped, 64u);
  f.settle();
  EXPECT_EQ(f.ingest.count(), f.appended - 64);
  f.expect_sound_deliveries();
}

TEST(DecisionLog, AfterAFailedSyncTheRecordsAreWrittenAgainToANewSegment) {
  LogFixture f;
  f.open();
  f.append_many(10);
  f.write();
  f.append_many(10);
  f.io.fail_calls(Fault::eio, 1);  // the write goes through, its sync fails
  EXPECT_FALSE(f.write());
  EXPECT_EQ(f.log->counters().spooled, 20u);
  f.io.heal();
  EXPECT_TRUE(f.write());
  EXPECT_EQ(f.log->health().segments, 2u);
  f.settle();
  f.expect_nothing_lost();
}

TEST(DecisionLog, SegmentsThatWereShippedGoWhenTheyAreMoreThanIsKept) {
  LogFixture f;
  f.options.writer.segment_bytes_max = 8 << 10;
  f.options.shipper.keep_bytes = 40 << 10;
  f.open();
  for (int i = 0; i < 30; ++i) {
    f.append_many(100);
    f.settle();
  }
  f.ship();
  EXPECT_LE(f.log->health().segment_bytes, (40u << 10) + (24u << 10));
  f.reopen();
  f.append_many(1);
  f.settle();
  f.expect_nothing_lost();
}

// A removed file takes its space for as long as it is open.
TEST(DecisionLog, ASegmentThatWasRemovedIsNotKeptOpen) {
  LogFixture f;
  f.options.writer.segment_bytes_max = 1;  // each write seals its segment
  f.options.shipper.keep_bytes = 0;
  f.open();
  f.append_many(10);
  f.settle();
  f.ship();
  EXPECT_FALSE(std::filesystem::exists(f.segment(1)));
  for (const auto& open_file : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(open_file, gone).string();
    EXPECT_FALSE(target.starts_with(f.segment(1))) << target;
  }
}

TEST(DecisionLog, WithoutAReserveWhatWasNotShippedGoesOnlyBeyondTheHardCapAndIsCounted) {
  LogFixture f;
  f.options.reserve_bytes = 1ull << 60;  // more than any disk has
  f.options.writer.segment_bytes_max = 8 << 10;
  f.options.shipper.keep_bytes = 16 << 10;
  f.options.shipper.spool_bytes_max = 64 << 10;
  f.open();
  f.ingest.refuse_next(1'000'000);
  for (int i = 0; i < 30; ++i) {
    f.append_many(100);
    f.write();
    f.log->ship_step();
    EXPECT_TRUE(f.log->counters().dropped == 0 || f.appended > 8 * 100) << "dropped with room to spare";
  }
  f.log->ship_step();
  EXPECT_LE(f.log->health().segment_bytes, 64u << 10);
  const std::uint64_t dropped = f.log->counters().dropped;
  EXPECT_GT(dropped, 0u);
  EXPECT_EQ(f.log->counters().dropped_no_room, dropped);
  EXPECT_EQ(f.log->counters().unaccounted(), 0u);
  f.reopen();
  EXPECT_EQ(f.log->counters().dropped, dropped);
  f.settle();
  EXPECT_EQ(f.log->counters().dropped, dropped);
  EXPECT_EQ(f.log->counters().stored, f.appended - dropped);
  EXPECT_EQ(f.ingest.count(), f.appended - dropped);
  f.expect_sound_deliveries();
}

}  // namespace
}  // namespace tollgate::stores
