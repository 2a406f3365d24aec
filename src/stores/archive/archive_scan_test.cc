#include "stores/archive/archive_scan.h"

#include <gtest/gtest.h>

#include "stores/archive/archive_fixture_test.h"

namespace tollgate::stores {
namespace {

// Each file has records of now and of an hour ago, as when one gateway had been cut off: all files overlap.
void append_with_late_ones(ArchiveFixture& f, std::size_t files) {
  for (std::size_t i = 0; i < files; ++i) {
    ASSERT_TRUE(f.append(50, 1));
    f.rings.try_emplace(2, 3'600'000);
    ASSERT_TRUE(f.append(50, 2));
  }
}

TEST(ArchiveScan, GivesRecordsInTheOrderOfTimeHoweverLateTheyCame) {
  ArchiveFixture f;
  f.open();
  append_with_late_ones(f, 40);
  f.expect_all();
  f.seal_all();
  f.expect_all();
}

TEST(ArchiveScan, HasFewFilesInMemoryHoweverManyOverlap) {
  ArchiveFixture f;
  f.open();
  append_with_late_ones(f, 60);
  f.seal_all();
  auto scan = f.archive->scan({});
  auto& as_it_is = dynamic_cast<ArchiveScan&>(**scan);
  std::vector<LoggedRecord> some;
  std::size_t records = 0;
  do {
    ASSERT_TRUE(as_it_is.next(some).has_value());
    records += some.size();
    EXPECT_LE(as_it_is.loaded(), ArchiveScan::kLoadedMax);
  } while (!some.empty());
  EXPECT_EQ(records, f.wanted.size());
}

// Many files, and each has the next record in turn: the most there is to take in and to put aside.
TEST(ArchiveScan, GivesEachRecordOnceWhenManyFilesTakeTurns) {
  ArchiveFixture f;
  f.options.records_max = 20;
  f.open();
  for (std::uint64_t ring_id = 1; ring_id <= 30; ++ring_id) ASSERT_TRUE(f.append(20, ring_id));
  f.expect_all();
  f.seal_all();
  f.expect_all();
}

TEST(ArchiveScan, SeesWhatWasThereWhenItBegan) {
  ArchiveFixture f;
  f.open();
  ASSERT_TRUE(f.append(250));
  const auto before = f.wanted_in_order();
  auto scan = f.archive->scan({});
  ASSERT_TRUE(f.append(250));
  f.seal_all();
  std::vector<LoggedRecord> all;
  std::vector<LoggedRecord> some;
  do {
    ASSERT_TRUE((*scan)->next(some).has_value());
    all.insert(all.end(), some.begin(), some.end());
  } while (!some.empty());
  ASSERT_GE(all.size(), before.size());
  all.resize(before.size());
  ArchiveFixture::expect_equal(all, before);
}

TEST(ArchiveScan, WhatExpiresMeanwhileIsMissingAndNothingElse) {
  ArchiveFixture f;
  f.open();
  f.clock.advance(Seconds(3'600));  // a file is sealed after its records' times
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(f.append(100));
  f.seal_all();
  auto scan = f.archive->scan({});
  std::vector<LoggedRecord> all;
  std::vector<LoggedRecord> some;
  ASSERT_TRUE((*scan)->next(some).has_value());
  all = some;
  ASSERT_LT(all.size(), f.wanted.size() / 2);
  // The oldest half goes.
  const WallTime now = WallTime(Nanos(f.wanted[f.wanted.size() / 2].record.time_ns)) + f.options.keep;
  while (f.archive->maintain(now).value()) {
  }
  do {
    ASSERT_TRUE((*scan)->next(some).has_value());
    all.insert(all.end(), some.begin(), some.end());
  } while (!some.empty());
  EXPECT_EQ((*scan)->read().damaged, 0u);
  ASSERT_GE(all.size(), 9'000u);
  for (std::size_t i = 1; i < all.size(); ++i) {
    ASSERT_LT(RecordPosition::of(all[i - 1]), RecordPosition::of(all[i]));
  }
  const std::vector<LoggedRecord> newest(all.end() - 5'000, all.end());
  ArchiveFixture::expect_equal(newest, {f.wanted.end() - 5'000, f.wanted.end()});
}

}  // namespace
}  // namespace tollgate::stores
