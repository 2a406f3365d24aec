#include "stores/archive/request_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "stores/archive/archive_fixture_test.h"

namespace tollgate::stores {
namespace {

WallTime time_of(const LoggedRecord& one) {
  return WallTime(Nanos(one.record.time_ns));
}

TEST(RequestArchive, WhatWasAppendedIsFoundAtOnceAndAfterARestart) {
  ArchiveFixture f;
  f.open();
  f.expect_all();
  ASSERT_TRUE(f.append(10) && f.append(20, 2) && f.append(5));
  f.expect_all();
  f.reopen();
  f.expect_all();
  ASSERT_TRUE(f.append(7, 2));
  f.expect_all();
  EXPECT_EQ(f.files(".tgo").size(), 1u) << "a restart goes on with the file that was not full";
}

TEST(RequestArchive, SealingChangesNoAnswer) {
  ArchiveFixture f;
  f.open();
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(f.append(35, 1 + static_cast<std::uint64_t>(i) % 2));
  f.expect_all();
  ASSERT_TRUE(f.maintain());
  EXPECT_GE(f.files(".tga").size(), 3u);
  f.expect_all();
  f.reopen();
  f.expect_all();
  f.seal_all();
  EXPECT_TRUE(f.files(".tgo").empty());
  f.expect_all();
  f.reopen();
  f.expect_all();
}

TEST(RequestArchive, ARecordCountsOnceHoweverOftenItComes) {
  ArchiveFixture f;
  f.open();
  ASSERT_TRUE(f.append(50));
  const auto again = [&](std::uint64_t first, std::size_t count) {
    return f.archive->append(numbered_batch(1, first, count)).value();
  };
  EXPECT_EQ(again(0, 50), 0u);
  EXPECT_EQ(again(20, 10), 0u);
  EXPECT_EQ(again(40, 30), 20u) << "half of it is known";
  for (std::uint64_t i = 50; i < 70; ++i) f.wanted.push_back(numbered(1, i));
  f.expect_all();
  f.reopen();
  EXPECT_EQ(again(0, 70), 0u);
  f.seal_all();
  f.reopen();
  EXPECT_EQ(again(0, 70), 0u);
  f.expect_all();
}

TEST(RequestArchive, TakesARingUpWhereverItComes) {
  ArchiveFixture f;
  f.open();
  f.rings[1] = 1'000'000;  // an archive that is younger than its gateways
  ASSERT_TRUE(f.append(10));
  f.rings[1] += 500;  // lost on the way
  ASSERT_TRUE(f.append(10));
  f.expect_all();
  EXPECT_EQ(f.archive->append(numbered_batch(1, 1'000'010, 500)).value(), 0u) << "what is passed is passed";
}

TEST(RequestArchive, RefusesABatchThatIsOutOfSequence) {
  ArchiveFixture f;
  f.open();
  auto batch = numbered_batch(1, 0, 3);
  batch.records[2].sequence = 1;
  const auto refused = f.archive->append(batch);
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().is(codes::invalid_document));
  f.expect_all();
  EXPECT_EQ(f.archive->append({.ring_id = 1, .names = {}, .records = {}}).value(), 0u);
}

// Pages of any size, one after the other, are the whole, in files of every kind.
TEST(RequestArchive, PagesFollowOneAnotherWithoutGapOrRepetition) {
  ArchiveFixture f;
  f.options.records_max = 40;
  f.open();
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(f.append(17, 1 + static_cast<std::uint64_t>(i) % 3));
  ASSERT_TRUE(f.archive->maintain(f.clock.wall_now()).value());
  auto newest = f.wanted_in_order();
  std::ranges::reverse(newest);
  for (const std::size_t limit : {1u, 7u, 204u, 1000u}) {
    SCOPED_TRACE(limit);
    std::vector<LoggedRecord> all;
    ports::RequestQuery query{.filter = {}, .limit = limit, .cursor = {}};
    while (true) {
      const auto page = f.archive->search(query);
      ASSERT_TRUE(page.has_value());
      ASSERT_LE(page->records.size(), limit);
      all.insert(all.end(), page->records.begin(), page->records.end());
      EXPECT_EQ(page->next_cursor.empty(), page->records.size() < limit);
      if (page->next_cursor.empty()) break;
      query.cursor = page->next_cursor;
    }
    ArchiveFixture::expect_equal(all, newest);
  }
}

TEST(RequestArchive, APageGoesOnWhereItWasHoweverMuchHasComeIn) {
  ArchiveFixture f;
  f.open();
  ASSERT_TRUE(f.append(60));
  auto before = f.wanted_in_order();
  std::ranges::reverse(before);
  const auto first = f.archive->search({.filter = {}, .limit = 20, .cursor = {}});
  ASSERT_TRUE(f.append(60));
  f.seal_all();
  const auto second = f.archive->search({.filter = {}, .limit = 1000, .cursor = first->next_cursor});
  ASSERT_TRUE(second.has_value());
  ArchiveFixture::expect_equal(second->records, {before.begin() + 20, before.end()});
}

// Everybody's requests of one instant: the position tells them apart.
TEST(RequestArchive, PagesTellRecordsOfOneTimeApart) {
  ArchiveFixture f;
  f.open();
  for (const std::uint64_t ring_id : {1u, 2u, 3u}) {
    auto batch = numbered_batch(ring_id, 0, 30);
    for (core::DecisionRecord& record : batch.records) record.time_ns = 1'790'000'000'000'000'000;
    ASSERT_TRUE(f.archive->append(batch).has_value());
    for (const core::DecisionRecord& record : batch.records) f.wanted.push_back({ring_id, record});
  }
  for (const bool sealed : {false, true}) {
    if (sealed) f.seal_all();
    std::vector<LoggedRecord> all;
    ports::RequestQuery query{.filter = {}, .limit = 7, .cursor = {}};
    do {
      const auto page = f.archive->search(query);
      all.insert(all.end(), page->records.begin(), page->records.end());
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty());
    std::ranges::reverse(all);
    ArchiveFixture::expect_equal(all, f.wanted_in_order());
  }
}

TEST(RequestArchive, SaysWhatIsWrongWithAQuestion) {
  ArchiveFixture f;
  f.open();
  for (const std::size_t limit : {0u, 1001u}) {
    const auto page = f.archive->search({.filter = {}, .limit = limit, .cursor = {}});
    ASSERT_FALSE(page.has_value());
    EXPECT_TRUE(page.error().is(codes::invalid_parameter));
    EXPECT_THAT(page.error().detail(), ::testing::HasSubstr("limit must be 1 to 1000"));
  }
  const auto page = f.archive->search({.filter = {}, .limit = 1, .cursor = "x"});
  ASSERT_FALSE(page.has_value());
  EXPECT_TRUE(page.error().is(codes::invalid_parameter));
}

TEST(RequestArchive, FindsADecisionByItsIdAlone) {
  ArchiveFixture f;
  f.open();
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(f.append(100));
  for (const bool sealed : {false, true}) {
    if (sealed) f.seal_all();
    for (std::size_t i = 0; i < f.wanted.size(); i += 97) {
      const auto found = f.archive->find(f.wanted[i].record.request_id);
      ASSERT_TRUE(found.has_value());
      ASSERT_EQ(found->size(), 1u) << i;
      EXPECT_TRUE(same(found->front(), f.wanted[i]));
    }
    EXPECT_TRUE(f.archive->find(f.wanted[0].record.request_id ^ 1)->empty());
    EXPECT_TRUE(f.archive->find(0)->empty());
    EXPECT_TRUE(f.archive->find(~std::uint64_t{0})->empty());
  }
}

// The id was made a moment before or after the record's time was taken.
TEST(RequestArchive, FindsADecisionWhoseSecondIsOneOff) {
  ArchiveFixture f;
  f.open();
  auto batch = numbered_batch(1, 0, 3);
  batch.records[0].request_id += std::uint64_t{1} << 32;
  batch.records[1].request_id -= std::uint64_t{1} << 32;
  ASSERT_TRUE(f.archive->append(batch).has_value());
  for (const bool sealed : {false, true}) {
    if (sealed) f.seal_all();
    for (const core::DecisionRecord& record : batch.records) {
      EXPECT_EQ(f.archive->find(record.request_id)->size(), 1u);
    }
  }
}

TEST(RequestArchive, ASearchForARareKeyReadsOnlyItsBlocks) {
  ArchiveFixture f;
  f.options.records_max = 2'000;
  f.open();
  for (std::uint64_t i = 0; i < 30; ++i) {
    auto batch = numbered_batch(1, i * 2'000, 2'000);
    if (i == 3 || i == 20) batch.records[77].key = 4711;
    ASSERT_TRUE(f.archive->append(batch).has_value());
  }
  f.seal_all();
  const auto page = f.archive->search({.filter = {.key = 4711}, .limit = 100, .cursor = {}});
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->records.size(), 2u);
  EXPECT_EQ(page->read.blocks, 2u);
  const auto newest = f.archive->search({.filter = {.key = 5}, .limit = 10, .cursor = {}});
  EXPECT_EQ(newest->records.size(), 10u);
  EXPECT_EQ(newest->read.blocks, 1u) << "the newest are all in one";
}

TEST(RequestArchive, ASearchThatTakesTooLongSaysSo) {
  struct HurriedClock final : Clock {
    MonoTime mono_now() const noexcept override { return MonoTime(Seconds(calls++)); }
    WallTime wall_now() const noexcept override { return WallTime(Seconds(1'790'000'000)); }
    mutable int calls = 0;
  };
  const testing::TempDir dir;
  const HurriedClock clock;
  auto archive = RequestArchive::open({.directory = dir.path(), .records_max = 10}, clock);
  for (std::uint64_t i = 0; i < 10; ++i) ASSERT_TRUE((*archive)->append(numbered_batch(1, i * 10, 10)).has_value());
  while ((*archive)->maintain(clock.wall_now()).value()) {
  }
  const auto page = (*archive)->search({.filter = {.status = 999}, .limit = 1, .cursor = {}});
  ASSERT_FALSE(page.has_value());
  EXPECT_TRUE(page.error().is(codes::store_unavailable));
  EXPECT_THAT(page.error().detail(), ::testing::HasSubstr("five seconds"));
}

TEST(RequestArchive, WhatIsOlderThanItIsKeptGoesWholeFilesOldestFirst) {
  ArchiveFixture f;
  f.options.keep = Seconds(100'000);
  f.open();
  f.clock.advance(Seconds(3'600));  // a file is sealed after its records' times
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(f.append(100));
  f.seal_all();
  ASSERT_EQ(f.files(".tga").size(), 5u);
  const auto expire_at = [&](const LoggedRecord& newest, Nanos after) {
    while (f.archive->maintain(time_of(newest) + f.options.keep + after).value()) {
    }
  };
  expire_at(f.wanted[99], Nanos(0));
  EXPECT_EQ(f.files(".tga").size(), 5u);
  expire_at(f.wanted[99], Nanos(1));
  EXPECT_EQ(f.files(".tga").size(), 4u);
  f.wanted.erase(f.wanted.begin(), f.wanted.begin() + 100);
  f.expect_all();
  expire_at(f.wanted.back(), Nanos(1));
  EXPECT_TRUE(f.files("").empty());
  f.wanted.clear();
  f.expect_all();
  EXPECT_EQ(f.archive->stats().oldest, std::nullopt);
}

// A gateway whose clock is years ahead must not keep its records for years.
TEST(RequestArchive, RecordsOfTheFutureExpireWithTheirFile) {
  ArchiveFixture f;
  f.options.keep = Seconds(100);
  f.open();
  auto batch = numbered_batch(1, 0, 5);
  for (core::DecisionRecord& record : batch.records) record.time_ns += 1'000'000'000'000'000'000;
  ASSERT_TRUE(f.archive->append(batch).has_value());
  f.seal_all();
  EXPECT_EQ(f.archive->stats().files, 1u);
  f.clock.advance(Seconds(101));
  ASSERT_TRUE(f.maintain());
  EXPECT_EQ(f.archive->stats().files, 0u);
}

TEST(RequestArchive, TakesNoMoreOfTheDiskThanItMay) {
  ArchiveFixture f;
  f.options.bytes_max = 20'000;
  f.open();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(f.append(100));
    ASSERT_TRUE(f.maintain());
    std::uint64_t on_disk = 0;
    for (const std::string& path : f.files("")) on_disk += std::filesystem::file_size(path);
    EXPECT_EQ(f.archive->stats().bytes, on_disk);
    EXPECT_LE(on_disk, f.options.bytes_max + 10'000) << "beyond it at most what is not sealed yet";
  }
  const auto left = f.scanned();
  ASSERT_GT(left.size(), 100u);
  f.wanted.erase(f.wanted.begin(), f.wanted.end() - static_cast<std::ptrdiff_t>(left.size()));
  f.expect_all();
}

TEST(RequestArchive, AFileThatIsNotFullIsSealedInTime) {
  ArchiveFixture f;
  f.open();
  ASSERT_TRUE(f.append(1));
  ASSERT_TRUE(f.maintain());
  EXPECT_EQ(f.files(".tgo").size(), 1u);
  f.clock.advance(f.options.open_max - Seconds(1));
  ASSERT_TRUE(f.maintain());
  EXPECT_EQ(f.files(".tgo").size(), 1u);
  f.clock.advance(Seconds(1));
  ASSERT_TRUE(f.maintain());
  EXPECT_TRUE(f.files(".tgo").empty());
  EXPECT_EQ(f.files(".tga").size(), 1u);
  ASSERT_TRUE(f.append(1));
  ASSERT_TRUE(f.maintain());
  f.clock.step_wall(-Seconds(100'000));
  ASSERT_TRUE(f.maintain());
  EXPECT_TRUE(f.files(".tgo").empty()) << "a clock that was set back keeps it open";
  f.expect_all();
}

// Nobody calls maintain(): what waits in memory is bounded all the same.
TEST(RequestArchive, AddingSealsByItselfWhenNobodyElseDoes) {
  ArchiveFixture f;
  f.open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(f.append(100));
  EXPECT_LE(f.files(".tgo").size(), 4u);
  EXPECT_GE(f.files(".tga").size(), 16u);
  f.expect_all();
}

TEST(RequestArchive, StatsSayWhatThereIs) {
  ArchiveFixture f;
  f.open();
  EXPECT_EQ(f.archive->stats().records, 0u);
  EXPECT_EQ(f.archive->stats().oldest, std::nullopt);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(f.append(60));
  ASSERT_TRUE(f.maintain());
  const auto stats = f.archive->stats();
  EXPECT_EQ(stats.records, 300u);
  EXPECT_EQ(stats.files, f.files("").size());
  EXPECT_EQ(stats.oldest, time_of(f.wanted.front()));
  EXPECT_EQ(stats.newest, time_of(f.wanted.back()));
  EXPECT_EQ(stats.damaged, 0u);
}

TEST(RequestArchive, ADirectoryThatCannotBeUsedIsAnError) {
  const testing::TempDir dir;
  ASSERT_TRUE(write_file_atomic(dir.file("requests"), "in the way", 0600));
  const SystemClock clock;
  const auto archive = RequestArchive::open({.directory = dir.file("requests")}, clock);
  ASSERT_FALSE(archive.has_value());
  EXPECT_TRUE(archive.error().is(codes::data_dir_unusable));
}

TEST(RequestArchive, FilesOfOthersInItsDirectoryAreLeftAlone) {
  ArchiveFixture f;
  f.open();
  ASSERT_TRUE(f.append(10));
  for (const char* name : {"notes.txt", "req-.tgo", "req-x.tga", "req-1.other"}) {
    ASSERT_TRUE(write_file_atomic(f.options.directory + "/" + name, "mine", 0600));
  }
  f.reopen();
  f.expect_all();
  EXPECT_EQ(f.archive->stats().files, 1u);
  EXPECT_EQ(read_file(f.options.directory + "/req-x.tga").value(), "mine");
}

}  // namespace
}  // namespace tollgate::stores
