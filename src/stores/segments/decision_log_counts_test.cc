// When there is no room for records: their counts stay, arrive once, and in their turn.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <string>

#include "base/file.h"
#include "stores/segments/log_fixture_test.h"
#include "stores/segments/random_step_test.h"
#include "tests/support/soak.h"

namespace tollgate::stores {
namespace {

// 700 records for which the disk has no room, in a ring for 1024.
void fill_ring_beyond_half(LogFixture& f) {
  f.io.fill_disk();
  f.append_many(700);
  EXPECT_FALSE(f.write());
}

TEST(DecisionLogCounts, AFullDiskMakesCountsOfTheOlderRecordsOfARingThatIsHalfFull) {
  LogFixture f;
  f.open();
  f.append_many(10);
  f.write();
  f.io.fill_disk();
  f.append_many(500);
  f.write();
  EXPECT_EQ(f.log->counters().spooled_counts, 0u) << "not before it is half full";
  f.append_many(100);
  f.write();
  EXPECT_EQ(f.log->counters().spooled_counts, 600u - 256u) << "the newest quarter keeps its detail";
  EXPECT_EQ(f.log->counters().spooled, 610u);
  f.ship();
  EXPECT_EQ(f.log->counters().aggregated, 344u) << "while the disk is full";
  EXPECT_EQ(f.log->counters().stored, 10u);
  EXPECT_EQ(f.log->counters().spooled_counts, 0u);
  f.settle();
  EXPECT_EQ(f.log->counters().stored, 610u - 344u);
  f.expect_everything_counted();
}

TEST(DecisionLogCounts, AFullDiskCostsNoCountHoweverLongItLasts) {
  LogFixture f;
  f.open();
  f.io.fill_disk();
  for (int i = 0; i < 100; ++i) {
    f.append_many(500);
    f.write();
    if (i % 10 == 9) f.ship();
    ASSERT_EQ(f.log->counters().dropped, 0u);
  }
  f.settle();
  f.expect_everything_counted();
  EXPECT_LT(f.log->counters().stored, 1024u);
}

TEST(DecisionLogCounts, NoneIsLostOrDoubledWhenItEndsAtAnyPoint) {
  // After each of these a kill: counts, space again and records, what was to be sent, an ack that is lost.
  for (int steps = 0; steps < 32; ++steps) {
    SCOPED_TRACE(steps);
    LogFixture f;
    f.open();
    for (int round = 0; round < 3; ++round) {
      fill_ring_beyond_half(f);
      if (steps & 1) f.io.heal();
      if (steps & 2) f.write();
      if (steps & 4) f.ingest.lose_next_acks(1);
      if (steps & 8) f.log->ship_step();
      if (steps & 16) f.ship();
      f.io.heal();
      f.reopen();
      EXPECT_EQ(f.log->counters().produced, f.appended);
      EXPECT_EQ(f.log->counters().dropped, 0u);
    }
    f.settle();
    f.expect_everything_counted();
    EXPECT_GT(f.log->counters().aggregated, 0u);
  }
}

TEST(DecisionLogCounts, KeepTheirTurnAmongTheRecordsBeforeAndAfter) {
  LogFixture f;
  f.open();
  f.append_many(5);
  f.write();
  fill_ring_beyond_half(f);
  f.io.heal();
  f.write();
  f.append_many(5);
  f.settle();
  f.expect_everything_counted();
  const auto rings = f.ingest.rings();
  ASSERT_EQ(rings.size(), 1u);
  EXPECT_EQ(rings.begin()->second.lost, 0u);
  ASSERT_EQ(rings.begin()->second.counts.size(), 1u);
  EXPECT_EQ(rings.begin()->second.counts.begin()->first, 5u);
}

TEST(DecisionLogCounts, ALossBeforeThemIsCountedAsALoss) {
  LogFixture f;
  f.open();
  f.append_many(5);
  f.write();
  f.io.make_unreadable(f.segment(1), 0);
  fill_ring_beyond_half(f);
  for (int i = 0; i < 10; ++i) f.log->ship_step();
  f.crash();
  std::filesystem::resize_file(f.segment(1), kSegmentHeaderBytes);
  f.io.heal();
  f.open();
  f.settle();
  const ports::LogCounters counters = f.log->counters();
  EXPECT_EQ(counters.dropped, 5u);
  EXPECT_EQ(counters.dropped_no_room, 0u);
  EXPECT_EQ(counters.stored + counters.aggregated, 700u);
  EXPECT_EQ(f.ingest.counted(), counters.aggregated);
}

TEST(DecisionLogCounts, NamesGoWithThem) {
  LogFixture f;
  f.open();
  f.refer_to = {.route = f.log->intern(core::NameKind::route, "orders"),
                .tier = f.log->intern(core::NameKind::tier, "free")};
  fill_ring_beyond_half(f);
  f.crash();
  f.open();  // from now on only the reserve knows the names
  f.ship();
  EXPECT_GT(f.ingest.counted(), 0u);
  EXPECT_EQ(f.ingest.name(core::NameKind::route, f.refer_to.route), "orders");
  EXPECT_EQ(f.ingest.name(core::NameKind::tier, f.refer_to.tier), "free");
}

// Segments of 100 records while analytics is away, with room for five.
void overflow_spool(LogFixture& f, int segments) {
  f.options.writer.segment_bytes_max = 8 << 10;
  f.options.shipper.keep_bytes = 16 << 10;
  f.options.shipper.spool_bytes_max = 100 << 10;
  f.open();
  f.ingest.refuse_next(1'000'000);
  for (int i = 0; i < segments; ++i) {
    f.append_many(100);
    f.write();
    f.log->ship_step();
  }
}

TEST(DecisionLogCounts, ASpoolBeyondItsCapKeepsTheCountsOfItsOldestSegments) {
  LogFixture f;
  overflow_spool(f, 60);
  EXPECT_LE(f.log->health().segment_bytes, 100u << 10);
  EXPECT_EQ(f.log->counters().dropped, 0u);
  EXPECT_GT(f.log->counters().spooled_counts, 1000u);
  EXPECT_EQ(f.log->counters().spooled, f.appended);
  f.reopen();
  EXPECT_EQ(f.log->counters().spooled, f.appended);
  f.settle();
  f.expect_everything_counted();
}

TEST(DecisionLogCounts, ABatchWhoseAckWasLostBeforeItsSegmentBecameCountsDoesNotCountTwice) {
  for (const bool killed : {false, true}) {
    LogFixture f;
    f.options.writer.segment_bytes_max = 40 << 10;
    f.open();
    f.append_many(150);
    f.write();
    f.ingest.lose_next_acks(1);
    f.log->ship_step();  // analytics has half of the first segment, and nobody here knows
    f.append_many(150);
    f.write();
    if (killed) f.reopen();
    f.ingest.refuse_next(1'000'000);
    f.crash();
    f.options.shipper.keep_bytes = f.options.shipper.spool_bytes_max = 1;
    f.open();
    f.append_many(300);
    f.write();
    f.log->ship_step();
    EXPECT_GT(f.log->counters().spooled_counts, 0u);
    f.settle();
    f.expect_everything_counted();
    EXPECT_GE(f.ingest.count(), 150u);
  }
}

TEST(DecisionLogCounts, DamageInASegmentThatBecomesCountsIsALoss) {
  LogFixture f;
  f.open();
  f.write_one_by_one(10);
  f.crash();
  std::string bytes = read_file(f.segment(1)).value();
  const std::size_t eighth = record_frames(bytes)[7];
  bytes[eighth] = static_cast<char>(bytes[eighth] ^ 1);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  ASSERT_TRUE(write_file_atomic(f.segment(1), bytes, 0600));
  f.options.writer.segment_bytes_max = 1;
  f.options.shipper.keep_bytes = f.options.shipper.spool_bytes_max = 1;
  f.ingest.refuse_next(1'000'000);
  f.open();
  f.append_many(10);
  f.write();
  f.log->ship_step();
  EXPECT_FALSE(std::filesystem::exists(f.segment(1)));
  f.settle();
  const ports::LogCounters counters = f.log->counters();
  EXPECT_EQ(counters.spooled, 0u);
  EXPECT_EQ(counters.stored + counters.aggregated + counters.dropped, f.appended);
  EXPECT_GE(counters.dropped, 1u);
  EXPECT_LE(counters.dropped, 2u);
  EXPECT_EQ(counters.dropped_no_room, 0u);
  EXPECT_EQ(f.ingest.counted(), counters.aggregated);
}

TEST(DecisionLogCounts, OnlyWhenTheReserveIsFullTooAreRecordsDroppedAndEachIsCounted) {
  LogFixture f;
  f.options.reserve_bytes = 32 << 10;
  f.open();
  f.io.fill_disk();
  f.ingest.refuse_next(1'000'000);
  while (f.log->counters().dropped == 0) {
    f.append_many(300);
    f.write();
    ASSERT_LT(f.appended, 100'000u);
  }
  EXPECT_GT(f.log->counters().spooled_counts, 1000u);
  f.append_many(300);
  const ports::LogCounters full = f.log->counters();
  EXPECT_EQ(full.produced, f.appended);
  EXPECT_EQ(full.dropped_no_room, full.dropped);
  f.settle();
  const ports::LogCounters counters = f.log->counters();
  EXPECT_EQ(counters.dropped, full.dropped);
  EXPECT_EQ(counters.stored + counters.aggregated + counters.dropped, f.appended);
  fill_ring_beyond_half(f);
  EXPECT_EQ(f.log->counters().dropped, full.dropped) << "there is room again";
}

TEST(DecisionLogCounts, ASpoolBeyondItsCapAndAFullReserveLoseTheOldestAndCountThem) {
  LogFixture f;
  f.options.reserve_bytes = 16 << 10;
  overflow_spool(f, 200);
  EXPECT_LE(f.log->health().segment_bytes, 100u << 10);
  const ports::LogCounters before = f.log->counters();
  EXPECT_GT(before.dropped, 0u);
  EXPECT_EQ(before.dropped, before.dropped_no_room);
  EXPECT_EQ(before.produced, f.appended);
  f.reopen();
  EXPECT_EQ(f.log->counters().dropped, before.dropped);
  f.settle();
  const ports::LogCounters after = f.log->counters();
  EXPECT_EQ(after.dropped, before.dropped);
  EXPECT_EQ(after.dropped_no_room, before.dropped);
  EXPECT_EQ(after.stored + after.aggregated + after.dropped, f.appended);
  EXPECT_EQ(after.aggregated, f.ingest.counted());
}

// Anything in any order, with a disk that fills up and analytics away for long: the sums hold after every step, and
// what was not dropped arrives once, as a record or as a count.
TEST(DecisionLogCounts, AreConservedUnderRandomInterleavingsOfEverything) {
  const auto seeds = testing::soak_count<std::uint64_t>(60, 2000);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    LogFixture f;
    f.options.workers = 2;
    f.options.ring_capacity = 64;
    f.options.reserve_bytes = seed % 4 == 0 ? 16 << 10 : 256 << 10;
    f.options.writer.segment_bytes_max = 16 << 10;
    f.options.shipper.keep_bytes = 32 << 10;
    f.options.shipper.spool_bytes_max = seed % 3 == 0 ? 48 << 10 : 1u << 30;
    f.open();
    for (int step = 0; step < 300; ++step) {
      random_step(f, random, {.refusals_max = 20, .fills_disk = true});
      const ports::LogCounters counters = f.log->counters();
      ASSERT_EQ(counters.unaccounted(), 0u);
      ASSERT_EQ(counters.produced, f.appended);
      ASSERT_LE(counters.dropped, counters.produced);
      ASSERT_LE(counters.spooled_counts, counters.spooled);
      ASSERT_LE(counters.dropped_no_room, counters.dropped);
    }
    f.settle();
    const ports::LogCounters counters = f.log->counters();
    EXPECT_EQ(counters.spooled, 0u);
    EXPECT_EQ(f.ingest.count() + f.ingest.counted(), counters.stored + counters.aggregated);
    EXPECT_EQ(f.ingest.counted(), counters.aggregated);
  }
}

}  // namespace
}  // namespace tollgate::stores
