// One fault at every system call in turn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stores/archive/archive_fixture_test.h"

namespace tollgate::stores {
namespace {

// Whoever sends a batch that was refused sends it again.
void append_until_taken(ArchiveFixture& f, std::size_t count, std::uint64_t ring_id) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (f.append(count, ring_id)) return;
  }
  ADD_FAILURE() << "refused for ever";
}

void live_a_while(ArchiveFixture& f) {
  for (int round = 0; round < 4; ++round) {
    append_until_taken(f, 30, 1);
    append_until_taken(f, 30, 2);
    [[maybe_unused]] const auto maintained = f.archive->maintain(f.clock.wall_now());
    if (round == 2) f.reopen();
  }
}

// A disk that is full costs the oldest files, whole; everything else must be there.
void expect_what_remains(ArchiveFixture& f, Fault fault) {
  const std::size_t records = f.archive->stats().records;
  if (fault == Fault::enospc && records < f.wanted.size()) {
    f.wanted.erase(f.wanted.begin(), f.wanted.end() - static_cast<std::ptrdiff_t>(records));
  }
  f.expect_all();
}

class ArchiveFaults : public ::testing::TestWithParam<Fault> {};

TEST_P(ArchiveFaults, NoSystemCallThatFailsOnceLosesOrDoublesARecord) {
  std::uint64_t calls = 1;
  for (std::uint64_t i = 0; i < calls; ++i) {
    SCOPED_TRACE(::testing::Message() << "call " << i);
    ArchiveFixture f;
    f.options.records_max = 80;
    f.io.fail_calls(GetParam(), i);
    f.open();
    live_a_while(f);
    calls = std::max(calls, f.io.calls());
    expect_what_remains(f, GetParam());
    f.reopen();
    expect_what_remains(f, GetParam());
    f.seal_all();
    expect_what_remains(f, GetParam());
    f.reopen();
    expect_what_remains(f, GetParam());
    if (HasFailure()) return;
  }
  EXPECT_GT(calls, 50u);
}

// From some call on nothing works; then everything does again.
TEST_P(ArchiveFaults, ADiskThatFailsForAWhileLosesNothingThatWasTaken) {
  std::uint64_t calls = 1;
  for (std::uint64_t i = 0; i < calls; i += 3) {
    SCOPED_TRACE(::testing::Message() << "from call " << i);
    ArchiveFixture f;
    f.options.records_max = 80;
    f.open();
    f.io.fail_calls(GetParam(), i, GetParam() == Fault::eintr ? 5 : 100'000);
    for (int round = 0; round < 5; ++round) {
      f.append(30, 1);
      [[maybe_unused]] const auto maintained = f.archive->maintain(f.clock.wall_now());
    }
    calls = std::max(calls, std::min<std::uint64_t>(f.io.calls(), 100));
    f.io.heal();
    f.expect_all();
    append_until_taken(f, 30, 1);
    f.expect_all();
    f.reopen();
    append_until_taken(f, 30, 1);
    f.expect_all();
    f.seal_all();
    f.expect_all();
    if (HasFailure()) return;
  }
  EXPECT_GT(calls, 20u);
}

INSTANTIATE_TEST_SUITE_P(RequestArchive, ArchiveFaults,
                         ::testing::Values(Fault::eio, Fault::enospc, Fault::short_write, Fault::eintr));

TEST(RequestArchiveFaults, ARefusedBatchIsAStoreErrorThatNamesTheReason) {
  ArchiveFixture f;
  f.open();
  f.io.fail_calls(Fault::eio, 0, 1'000);
  const auto refused = f.archive->append(numbered_batch(1, 0, 3));
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().is(codes::store_unavailable));
  EXPECT_THAT(refused.error().detail(), ::testing::HasSubstr("Input/output error"));
  EXPECT_THAT(refused.error().detail(), ::testing::HasSubstr(f.options.directory));
  f.io.heal();
  f.expect_all();
}

// After a failed sync "yes" means nothing: the batch goes to another file, and the first takes nothing more.
TEST(RequestArchiveFaults, AFailedSyncIsNeverAskedAgain) {
  ArchiveFixture f;
  f.open();
  ASSERT_TRUE(f.append(10));
  f.io.fail_calls(Fault::eio, 1);  // write, sync
  ASSERT_TRUE(f.append(10));
  EXPECT_EQ(f.files(".tgo").size(), 2u);
  f.expect_all();
  f.reopen();
  f.expect_all();
}

// The sync failed, and yet all of it had reached the disk, and the cut had not.
TEST(RequestArchiveFaults, ABatchThatStandsInTwoFilesCountsOnce) {
  ArchiveFixture f;
  f.open();
  ASSERT_TRUE(f.append(10));
  f.io.fail_calls(Fault::eio, 1, 2);  // sync and cut
  ASSERT_TRUE(f.append(10));
  ASSERT_EQ(f.files(".tgo").size(), 2u);
  f.reopen();
  f.expect_all();
  f.seal_all();
  f.expect_all();
  f.reopen();
  f.expect_all();
}

// A batch was refused, its file could not be removed; it came again, and was sealed.
TEST(RequestArchiveFaults, WhatAFailedRemovalLeftCountsForNothing) {
  ArchiveFixture f;
  f.options.records_max = 10;
  f.open();
  f.io.fail_calls(Fault::eio, 6, 5);  // the first file is made; then neither sync, cut, removal nor another file works
  EXPECT_FALSE(f.append(10));
  ASSERT_EQ(f.files(".tgo").size(), 1u);
  f.io.heal();
  ASSERT_TRUE(f.append(10));
  ASSERT_TRUE(f.append(10));
  ASSERT_TRUE(f.maintain());
  f.expect_all();
  f.reopen();
  f.expect_all();
}

TEST(RequestArchiveFaults, AFullDiskLosesTheOldestFirst) {
  ArchiveFixture f;
  f.open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(f.append(100));
  f.seal_all();
  const std::size_t sealed = f.files(".tga").size();
  ASSERT_EQ(sealed, 10u);
  f.io.fill_disk();  // until a file is removed
  ASSERT_TRUE(f.append(50));
  EXPECT_EQ(f.files(".tga").size(), sealed - 1);
  f.wanted.erase(f.wanted.begin(), f.wanted.begin() + 100);
  f.expect_all();
}

TEST(RequestArchiveFaults, AFullDiskWithNothingToRemoveRefusesAndLosesNothing) {
  ArchiveFixture f;
  f.open();
  ASSERT_TRUE(f.append(50));
  f.io.fill_disk();
  EXPECT_FALSE(f.append(30));
  EXPECT_FALSE(f.append(30));
  f.io.heal();
  ASSERT_TRUE(f.append(30));
  f.expect_all();
  f.reopen();
  f.expect_all();
}

TEST(RequestArchiveFaults, AFullDiskDoesNotKeepFilesFromBeingSealed) {
  ArchiveFixture f;
  f.open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(f.append(100));
  ASSERT_TRUE(f.maintain());
  ASSERT_TRUE(f.append(100));
  f.io.fill_disk();
  f.clock.advance(f.options.open_max * 2);
  ASSERT_TRUE(f.maintain());
  f.clock.advance(f.options.open_max * 2);
  ASSERT_TRUE(f.maintain());
  EXPECT_TRUE(f.files(".tgo").empty());
  EXPECT_EQ(f.files(".draft").size(), 0u);
}

}  // namespace
}  // namespace tollgate::stores
