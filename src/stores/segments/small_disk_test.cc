// What the log does on a disk that is really full.
#include "tests/support/small_disk.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "stores/segments/log_fixture_test.h"

namespace tollgate::stores {
namespace {

using testing::Filler;
using testing::on_small_disk;

// Ten times what the disk holds, all of it shipped, with leave to keep it all.
TEST(SmallDisk, LosesNothingWhenItIsFullOfShippedSegments) {
  const testing::TempDir dir;
  on_small_disk(dir.path(), 4, [&] {
    LogFixture f;
    f.options.directory = dir.file("log");
    f.options.io = nullptr;
    f.options.writer.segment_bytes_max = 256 << 10;
    f.open();
    while (f.appended < 300'000) {
      f.append_many(500);
      f.settle();
    }
    EXPECT_GT(f.log->health().write_failures, 10u);
    f.expect_nothing_lost();
  });
}

TEST(SmallDisk, FullOfOtherThingsItCostsDetailButNoCountAndAllIsWellAgainWithSpace) {
  const testing::TempDir dir;
  on_small_disk(dir.path(), 4, [&] {
    LogFixture f;
    f.options.directory = dir.file("log");
    f.options.io = nullptr;
    std::vector<LogCondition> told;
    f.options.on_condition = [&](LogCondition condition) { told.push_back(condition); };
    f.open();
    f.append_many(500);
    f.settle();
    {
      const Filler filler(dir.file("filler"));
      for (int i = 0; i < 100; ++i) {
        f.append_many(500);
        f.write();
        if (i % 8 == 0) f.ship();
      }
    }
    EXPECT_EQ(told, (std::vector{LogCondition::waiting, LogCondition::counting}));
    f.append_many(300);
    EXPECT_TRUE(f.write()) << "the next attempt finds the space";
    f.settle();
    f.expect_everything_counted();
    EXPECT_GT(f.log->counters().aggregated, 40'000u);
    for (int i = 0; i < 5; ++i) f.write();
    EXPECT_EQ(told.back(), LogCondition::whole);
    EXPECT_EQ(told.size(), 3u);
  });
}

TEST(SmallDisk, FullWhileAnalyticsIsAwayItKeepsEveryCountThroughAKill) {
  const testing::TempDir dir;
  on_small_disk(dir.path(), 4, [&] {
    LogFixture f;
    f.options.directory = dir.file("log");
    f.options.io = nullptr;
    f.open();
    f.ingest.refuse_next(1'000'000);
    for (int i = 0; i < 180; ++i) {  // the spool itself fills the disk
      f.append_many(700);
      f.write();
      f.log->ship_step();
      if (i % 60 == 59) f.reopen();
      ASSERT_EQ(f.log->counters().dropped, 0u);
      ASSERT_EQ(f.log->counters().spooled, f.appended);
    }
    EXPECT_GT(f.log->counters().spooled_counts, 1000u);
    f.settle();
    f.expect_everything_counted();
  });
}

TEST(SmallDisk, FullAtTheStartTheLogBeginsInMemoryAndMovesToTheDiskWithoutALoss) {
  const testing::TempDir dir;
  on_small_disk(dir.path(), 4, [&] {
    LogFixture f;
    f.options.directory = dir.file("log");
    f.options.io = nullptr;
    f.options.workers = 2;
    std::filesystem::create_directory(f.options.directory);
    std::vector<LogCondition> told;
    f.options.on_condition = [&](LogCondition condition) { told.push_back(condition); };
    {
      const Filler filler(dir.file("filler"));
      f.open();
      EXPECT_EQ(f.log->health().condition, LogCondition::in_memory);
      f.append_many(100);
      f.append(1);
      EXPECT_FALSE(f.write());
      ASSERT_FALSE(told.empty()) << "the operator is told";
      f.append_many(100);
    }
    f.write();  // a second later
    EXPECT_TRUE(std::filesystem::exists(f.options.directory + "/ring-0.tgr"));
    EXPECT_TRUE(std::filesystem::exists(f.options.directory + "/ring-1.tgr"));
    EXPECT_TRUE(std::filesystem::exists(f.options.directory + "/reserve.tgv"));
    f.append_many(100);
    f.append(1);
    f.write();
    f.append_many(50);
    f.reopen();  // from now on a kill takes nothing
    f.settle();
    EXPECT_EQ(f.log->health().condition, LogCondition::whole);
    EXPECT_EQ(f.ingest.count(), f.appended);
    EXPECT_EQ(f.log->counters().dropped, 0u);
  });
}

TEST(SmallDisk, FullAtTheStartWhatFindsNoRoomInMemoryIsCounted) {
  const testing::TempDir dir;
  on_small_disk(dir.path(), 4, [&] {
    LogFixture f;
    f.options.directory = dir.file("log");
    f.options.io = nullptr;
    std::filesystem::create_directory(f.options.directory);
    {
      const Filler filler(dir.file("filler"));
      f.open();
      f.append_many(2000);
      f.write();
      const ports::LogCounters counters = f.log->counters();
      EXPECT_EQ(counters.produced, 2000u);
      EXPECT_EQ(counters.spooled, 1024u);
      EXPECT_EQ(counters.dropped_no_room, 2000u - 1024u);
      EXPECT_EQ(f.log->health().condition, LogCondition::dropping);
    }
    f.settle();
    EXPECT_EQ(f.log->counters().stored, 1024u);
    EXPECT_EQ(f.ingest.count(), 1024u);
  });
}

}  // namespace
}  // namespace tollgate::stores
