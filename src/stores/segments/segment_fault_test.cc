// One fault at every system call in turn, and damage at every byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/file.h"
#include "stores/segments/log_fixture_test.h"

namespace tollgate::stores {
namespace {

class FaultSweep : public ::testing::TestWithParam<Fault> {};

TEST_P(FaultSweep, NoSystemCallThatFailsOnceLosesOrDoublesARecord) {
  std::uint64_t calls = 1;
  for (std::uint64_t i = 0; i < calls; ++i) {
    SCOPED_TRACE(::testing::Message() << "call " << i);
    LogFixture f;
    f.options.writer.segment_bytes_max = 512;
    f.options.shipper.keep_bytes = 1 << 10;
    f.io.fail_calls(GetParam(), i);
    f.open();
    for (int round = 0; round < 4; ++round) {
      f.append_many(10);
      f.write();
      f.ship();
      if (round == 1) f.reopen();
      ASSERT_EQ(f.log->counters().unaccounted(), 0u);
    }
    calls = std::max(calls, f.io.calls());
    f.settle();
    f.expect_nothing_lost();
  }
  EXPECT_GT(calls, 30u);
}

INSTANTIATE_TEST_SUITE_P(DecisionLog, FaultSweep,
                         ::testing::Values(Fault::eio, Fault::enospc, Fault::short_write, Fault::eintr));

void replace_file(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

// A log whose three records are in one segment and nowhere else.
std::string three_records(LogFixture& f) {
  f.open();
  f.write_one_by_one(3);
  f.crash();
  std::filesystem::remove(f.options.directory + "/ring-0.tgr");
  return f.options.directory + "/seg-000000000001.tgs";
}

void expect_only_sound_records_arrive(LogFixture& f) {
  f.open();
  f.settle();
  f.expect_sound_deliveries();
  EXPECT_EQ(f.log->counters().unaccounted(), 0u);
  EXPECT_LE(f.ingest.count(), 3u);
}

TEST(SegmentDamage, ASegmentCutAtAnyByteDeliversOnlyWholeRecords) {
  LogFixture f;
  const std::string path = three_records(f);
  const std::string whole = read_file(path).value();
  std::uint64_t arrived_before = 0;
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    SCOPED_TRACE(length);
    f.crash();
    std::filesystem::remove_all(f.options.directory);
    std::filesystem::create_directory(f.options.directory);
    f.ingest.forget_everything();
    replace_file(path, whole.substr(0, length));
    expect_only_sound_records_arrive(f);
    EXPECT_GE(f.ingest.count(), arrived_before);
    arrived_before = f.ingest.count();
  }
  EXPECT_EQ(arrived_before, 3u);
}

TEST(SegmentDamage, AChangedByteAnywhereCostsAtMostTheRecordItIsIn) {
  LogFixture f;
  const std::string path = three_records(f);
  const std::string whole = read_file(path).value();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    SCOPED_TRACE(at);
    f.crash();
    std::filesystem::remove_all(f.options.directory);
    std::filesystem::create_directory(f.options.directory);
    f.ingest.forget_everything();
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    replace_file(path, damaged);
    expect_only_sound_records_arrive(f);
    EXPECT_GE(f.ingest.count(), 2u);
  }
}

TEST(SegmentDamage, ACorruptMiddleIsSkippedCountedAndCopied) {
  LogFixture f;
  f.open();
  f.write_one_by_one(3);
  f.crash();
  const std::string path = f.options.directory + "/seg-000000000001.tgs";
  std::string bytes = read_file(path).value();
  const std::size_t second = record_frames(bytes)[1];
  const std::size_t third = record_frames(bytes)[2];
  bytes[second + 40] = static_cast<char>(bytes[second + 40] ^ 1);
  replace_file(path, bytes);
  f.open();
  f.ingest.lose_next_acks(1);
  f.ship();  // the place is read twice for that, and counted once
  f.settle();
  const ports::LogCounters counters = f.log->counters();
  EXPECT_EQ(counters.stored, 2u);
  EXPECT_EQ(counters.dropped, 1u);
  EXPECT_EQ(counters.unaccounted(), 0u);
  EXPECT_EQ(f.log->health().shipping.damaged_places, 1u);
  const auto copy = read_file(path + ".damage-" + std::to_string(second));
  ASSERT_TRUE(copy.has_value());
  EXPECT_EQ(*copy, bytes.substr(second, third - second));
  f.append_many(1);
  f.settle();
  EXPECT_EQ(f.log->counters().stored, 3u);
  f.expect_sound_deliveries();
}

TEST(SegmentReader, AnErrorNamesTheReason) {
  const testing::TempDir dir;
  EXPECT_THAT(SegmentReader::open(system_io(), dir.file("nothing")).error().detail(),
              ::testing::HasSubstr("No such file or directory"));
}

TEST(SegmentDamage, ASegmentThatCannotBeReadAnyMoreIsCountedAndPassed) {
  LogFixture f;
  f.options.writer.segment_bytes_max = 1;  // each write seals its segment
  f.open();
  f.append_many(3);
  f.write();
  f.append_many(2);
  f.write();
  std::filesystem::remove(f.options.directory + "/seg-000000000001.tgs");
  for (int i = 0; i < 10; ++i) f.log->ship_step();
  const ports::LogCounters counters = f.log->counters();
  EXPECT_EQ(counters.dropped, 3u);
  EXPECT_EQ(counters.stored, 2u);
  EXPECT_EQ(counters.spooled, 0u);
  f.expect_sound_deliveries();
}

// Segments 1 … count, each sealed, with `records` records.
void write_segments(LogFixture& f, unsigned count, std::size_t records) {
  f.options.writer.segment_bytes_max = 1;  // each write seals its segment
  f.open();
  for (unsigned segment = 0; segment < count; ++segment) {
    f.append_many(records);
    f.write();
  }
}

TEST(SegmentDamage, AnUnreadableSegmentCostsItselfWhereverItStands) {
  for (unsigned unreadable = 1; unreadable <= 4; ++unreadable) {
    SCOPED_TRACE(unreadable);
    LogFixture f;
    write_segments(f, 4, 3);
    f.io.make_unreadable(f.segment(unreadable), 0);
    f.log->ship_step();
    EXPECT_EQ(f.ingest.count(), 3 * (unreadable - 1)) << "what stands before it waits for nothing";
    for (int i = 0; i < 10; ++i) f.log->ship_step();
    const ports::LogCounters counters = f.log->counters();
    EXPECT_EQ(counters.stored, 9u);
    EXPECT_EQ(counters.dropped, 3u);
    EXPECT_EQ(counters.spooled, 0u);
    f.append_many(2);
    f.settle();
    EXPECT_EQ(f.log->counters().stored, 11u);
    f.expect_sound_deliveries();
  }
}

TEST(SegmentDamage, WhatStandsBeforeAnUnreadablePlaceArrives) {
  LogFixture f;
  write_segments(f, 2, 1000);
  const std::vector<std::size_t> frames = record_frames(read_file(f.segment(1)).value());
  ASSERT_EQ(frames.size(), 16u);
  f.io.make_unreadable(f.segment(1), frames[12] + 100);
  for (int i = 0; i < 10; ++i) f.log->ship_step();
  const ports::LogCounters counters = f.log->counters();
  EXPECT_EQ(counters.spooled, 0u);
  EXPECT_EQ(counters.stored + counters.dropped, 2000u);
  // Less those that might have been frames as long as frames may be.
  EXPECT_GE(counters.stored, 1000 + 6 * core::kRecordsInFrameMax);
  EXPECT_LE(counters.stored, 1000 + 12 * core::kRecordsInFrameMax);
  EXPECT_EQ(f.log->health().shipping.damaged_places, 0u);
  f.expect_sound_deliveries();
}

TEST(SegmentDamage, ASegmentThatCanBeReadAgainIsNotGivenUp) {
  LogFixture f;
  write_segments(f, 3, 1000);
  // Each time a little further, and more often than one place is tried.
  for (std::uint64_t place = 20'000; place < 100'000; place += 10'000) {
    f.io.make_unreadable(f.segment(2), place);
    for (int i = 0; i < 3; ++i) f.log->ship_step();
  }
  f.settle();
  f.expect_nothing_lost();
}

TEST(SegmentDamage, ALossAtASegmentsEndIsCountedWithoutWaitingForTheNextRecord) {
  LogFixture f;
  f.options.writer.segment_bytes_max = 1;
  f.open();
  f.append_many(2 * core::kRecordsInFrameMax + 1);
  f.write();
  const std::string path = f.options.directory + "/seg-000000000001.tgs";
  std::string bytes = read_file(path).value();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  replace_file(path, bytes);
  f.ship();
  const ports::LogCounters counters = f.log->counters();
  EXPECT_EQ(counters.stored, 2 * core::kRecordsInFrameMax);
  EXPECT_EQ(counters.dropped, 1u);
  EXPECT_EQ(counters.spooled, 0u);
  f.append_many(1);
  f.settle();
  EXPECT_EQ(f.log->counters().stored, 2 * core::kRecordsInFrameMax + 1);
}

// A power cut takes what was not synced: the segment's end, the ring's newest pages, or both.
TEST(SegmentDamage, APowerCutLosesOnlyWhatWasNotSyncedAndMixesUpNothing) {
  std::mt19937_64 random(20'260'921);
  for (int cut = 0; cut < 100; ++cut) {
    SCOPED_TRACE(cut);
    LogFixture f;
    f.open();
    f.append_many(random() % 50);
    const std::string ring_path = f.options.directory + "/ring-0.tgr";
    const std::string old_ring = read_file(ring_path).value();
    f.append_many(random() % 50);
    f.write();
    if (random() % 2 == 0) f.ship();
    const std::uint64_t synced = f.appended;
    const std::uint64_t synced_bytes = f.log->health().segment_bytes;
    f.append_many(random() % 50);
    f.log->write_step(f.now, LogWriter::Commit::when_due);  // written, not synced
    f.crash();
    const std::string path = f.options.directory + "/seg-000000000001.tgs";
    if (synced > 0) {
      const std::uint64_t size = std::filesystem::file_size(path);
      std::filesystem::resize_file(path, synced_bytes + random() % (size - synced_bytes + 1));
    }
    if (random() % 2 == 0) replace_file(ring_path, old_ring);
    f.open();
    f.append_many(20);
    f.settle();
    EXPECT_EQ(f.log->counters().spooled, 0u);
    EXPECT_EQ(f.log->counters().unaccounted(), 0u);
    f.expect_sound_deliveries();
    EXPECT_GE(f.ingest.count(), synced + 20);
  }
}

TEST(SegmentDamage, ATornTailIsCutAndItsRecordsComeFromTheRing) {
  LogFixture f;
  f.open();
  f.write_one_by_one(3);
  f.crash();
  const std::string path = f.options.directory + "/seg-000000000001.tgs";
  const std::string whole = read_file(path).value();
  const std::uint64_t torn_size = whole.size() - 10;
  std::filesystem::resize_file(path, torn_size);
  f.open();
  EXPECT_EQ(f.log->health().torn_bytes, torn_size - record_frames(whole)[2]);
  EXPECT_EQ(std::filesystem::file_size(path), torn_size - f.log->health().torn_bytes);
  f.settle();
  f.expect_nothing_lost();
}

}  // namespace
}  // namespace tollgate::stores
