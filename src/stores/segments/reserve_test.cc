#include "stores/segments/reserve.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "base/file.h"
#include "core/usage/chunk.h"
#include "stores/segments/fakes_test.h"
#include "tests/support/soak.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {
namespace {

using testing::TempDir;

constexpr std::uint64_t kBytes = 32 << 10;

// Counts of the records with the numbers first … end-1.
Reserve::Entry counts_of(std::uint64_t ring_id, std::uint64_t first, std::uint64_t end) {
  std::vector<core::DecisionRecord> records;
  for (std::uint64_t number = first; number < end; ++number) records.push_back(numbered_record(number));
  Reserve::Entry entry{.batch = {.ring_id = ring_id, .names = {}, .records = {}}};
  entry.batch.aggregate = core::aggregate_of(records);
  entry.batch.aggregate->first = first;
  entry.batch.aggregate->end = end;
  return entry;
}

core::RollupValue value_of(const core::Aggregate& counts) {
  core::RollupValue sum;
  for (const std::string& bytes : counts.chunks) {
    auto reader = core::ChunkReader::open(bytes);
    core::RollupRow row;
    while (reader && reader->next(row)) sum.add(row);
  }
  return sum;
}

class ReserveTest : public ::testing::Test {
 protected:
  std::unique_ptr<Reserve> open(Reserve::Contents contents = Reserve::Contents::take_up,
                                const Reserve::SentEnds& sent = {}) {
    auto reserve = std::make_unique<Reserve>(io_, path_, kBytes);
    opened_ = reserve->open(contents).value_or(false);
    if (opened_ && contents == Reserve::Contents::take_up) reserve->take_up(sent);
    return reserve;
  }
  static bool open_again(Reserve& reserve) {
    const bool opened = reserve.open(Reserve::Contents::take_up).value_or(false);
    reserve.take_up({});
    return opened;
  }
  // That the counts of ring 1 are those of the numbers 0 … end-1, in order and without a gap.
  static void expect_all_below(Reserve& reserve, std::uint64_t end) {
    std::uint64_t at = 0;
    for (const Reserve::Range& range : reserve.ranges(1)) {
      EXPECT_EQ(range.first, at);
      const auto batch = reserve.take(1, range.first);
      ASSERT_TRUE(batch.has_value());
      EXPECT_EQ(value_of(*batch->aggregate), value_of(*counts_of(1, range.first, range.end).batch.aggregate));
      at = range.end;
    }
    EXPECT_EQ(at, end);
  }

  const TempDir dir_;
  FaultyIo io_;
  const std::string path_ = dir_.file("reserve.tgv");
  bool opened_ = false;
};

TEST_F(ReserveTest, HasItsDiskSpaceFromTheStart) {
  open();
  EXPECT_TRUE(opened_);
  EXPECT_EQ(std::filesystem::file_size(path_), kBytes);
  io_.fill_disk();
  EXPECT_TRUE(open()->append({counts_of(1, 0, 10)}));
}

TEST_F(ReserveTest, WithoutSpaceItIsMadeLater) {
  io_.fill_disk();
  const auto reserve = open();
  EXPECT_FALSE(opened_);
  EXPECT_FALSE(reserve->append({counts_of(1, 0, 10)}));
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path())) << "nothing half made";
  io_.heal();
  EXPECT_TRUE(reserve->open(Reserve::Contents::ignore).value_or(false));
  EXPECT_TRUE(reserve->append({counts_of(1, 0, 10)}));
}

TEST_F(ReserveTest, KeepsWhatItTookThroughRestartsAndChangesOfHalves) {
  std::uint64_t end = 0;
  for (int i = 0; i < 200; ++i) {
    const auto reserve = open();
    ASSERT_TRUE(reserve->append({counts_of(1, end, end + 7)})) << i;
    end += 7;
    expect_all_below(*reserve, end);
  }
  expect_all_below(*open(), end);
}

TEST_F(ReserveTest, JoinsNeighboursButNothingAcrossWhatWasSent) {
  const auto reserve = open();
  std::uint64_t end = 0;
  const auto fill = [&] {
    for (std::size_t before = 0; reserve->ranges(1).size() >= before;) {
      before = reserve->ranges(1).size();
      ASSERT_TRUE(reserve->append({counts_of(1, end, end + 3)}));
      end += 3;
    }
  };
  fill();
  EXPECT_EQ(reserve->ranges(1).size(), 1u);
  const std::uint64_t sent_end = reserve->ranges(1).front().end;
  ASSERT_TRUE(reserve->take(1, 0).has_value());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(reserve->append({counts_of(1, end, end + 3)}));
    end += 3;
  }
  fill();
  EXPECT_EQ(reserve->ranges(1).front().end, sent_end);
  expect_all_below(*reserve, end);
}

// A change of halves that failed may stand on the disk all the same. What was sent since is not in it as it was sent.
TEST_F(ReserveTest, WhatWasJoinedAcrossWhatWasSentGivesWayToWhatItWouldReplace) {
  std::uint64_t end = 10;
  {
    const auto reserve = open();
    ASSERT_TRUE(reserve->append({counts_of(1, 0, end)}));
    for (std::size_t before = 0; reserve->ranges(1).size() > before; end += 3) {
      before = reserve->ranges(1).size();
      ASSERT_TRUE(reserve->append({counts_of(1, end, end + 3)}));
    }
    ASSERT_EQ(reserve->ranges(1).size(), 1u);
  }
  const std::string both_halves = read_file(path_).value();
  EXPECT_EQ(open()->ranges(1).size(), 1u);
  ASSERT_TRUE(write_file_atomic(path_, both_halves, 0600));
  const auto reserve = open(Reserve::Contents::take_up, {{1, 10}});
  ASSERT_GT(reserve->ranges(1).size(), 1u);
  EXPECT_EQ(reserve->ranges(1).front().end, 10u);
  expect_all_below(*reserve, end - 3);
}

TEST_F(ReserveTest, RefusesWhatDoesNotFitAndTakesNotesOfLossesAllTheSame) {
  const auto reserve = open();
  std::uint64_t end = 0;
  // Of far apart minutes, so that joining saves little; to the last one that fits.
  for (const std::uint64_t step : {60u, 1u}) {
    while (reserve->append({counts_of(1, end, end + step)})) end += step;
  }
  EXPECT_GT(end, 1000u);
  expect_all_below(*reserve, end);
  Reserve::Entry note{.batch = {.ring_id = 1, .names = {}, .records = {}}, .given_up = 60};
  note.batch.aggregate = core::Aggregate{.first = end, .end = end + 60};
  EXPECT_TRUE(reserve->append({note}));
  EXPECT_EQ(reserve->sum(1).lost, 60u);
  EXPECT_EQ(open()->sum(1).given_up, 60u);
  reserve->remove_below(1, end);
  EXPECT_TRUE(reserve->append({counts_of(1, end + 60, end + 120)}));
}

TEST_F(ReserveTest, AFileCutOrChangedAnywhereGivesOnlyWholeCounts) {
  {
    const auto reserve = open();
    for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(reserve->append({counts_of(1, i * 5, i * 5 + 5)}));
  }
  const std::string whole = read_file(path_).value();
  const std::size_t used = whole.find_last_not_of('\0') + 1;
  const auto expect_sound = [&](std::size_t at) {
    const auto reserve = open();
    EXPECT_TRUE(opened_) << at;
    std::uint64_t records = 0;
    for (const Reserve::Range& range : reserve->ranges(1)) {
      const auto batch = reserve->take(1, range.first);
      EXPECT_EQ(value_of(*batch->aggregate), value_of(*counts_of(1, range.first, range.end).batch.aggregate)) << at;
      records += range.end - range.first;
    }
    return records;
  };
  for (std::size_t at = 0; at < used; ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x41);
    ASSERT_TRUE(write_file_atomic(path_, bytes, 0600));
    EXPECT_LE(expect_sound(at), 10u);
    ASSERT_TRUE(write_file_atomic(path_, whole.substr(0, at) + std::string(whole.size() - at, '\0'), 0600));
    EXPECT_LE(expect_sound(at), 10u);
  }
}

// Nobody knows what is on the disk of what was written before a sync that failed.
TEST_F(ReserveTest, AfterAFailedSyncCountsGoToTheOtherHalfAllOfThem) {
  auto reserve = open();
  ASSERT_TRUE(reserve->append({counts_of(1, 0, 10)}));
  io_.fail_calls(Fault::eio, 1, 5);  // the first sync, and all of the attempt with the other half
  EXPECT_FALSE(reserve->append({counts_of(1, 10, 20)}));
  io_.heal();
  ASSERT_TRUE(reserve->append({counts_of(1, 10, 20)}));
  std::string bytes = read_file(path_).value();
  std::fill_n(bytes.begin(), bytes.size() / 2, '\0');
  ASSERT_TRUE(write_file_atomic(path_, bytes, 0600));
  expect_all_below(*open(), 20);
}

// The file as a kill or a power cut leaves it: all that was synced, and of the rest any part.
TEST_F(ReserveTest, AWriteThatIsCutAnywhereLosesNothingThatWasConfirmed) {
  const std::uint64_t first_seed = testing::first_seed();
  const auto seeds = testing::soak_count<std::uint64_t>(200, 5000);
  for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::filesystem::remove(path_);
    auto reserve = open();
    std::uint64_t end = 0;
    for (std::uint64_t n = random() % 60; n > 0; --n) {
      const std::uint64_t next = end + 1 + random() % 40;
      if (reserve->append({counts_of(1, end, next)})) end = next;
    }
    const std::string before = read_file(path_).value();
    const std::uint64_t next = end + 40;
    const bool took = reserve->append({counts_of(1, end, next)});
    std::string after = read_file(path_).value();
    // Any mixture of old and new pages of 512 bytes.
    for (std::size_t page = 0; page < after.size(); page += 512) {
      if (random() % 2 == 0)
        std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(page), 512,
                    after.begin() + static_cast<std::ptrdiff_t>(page));
    }
    ASSERT_TRUE(write_file_atomic(path_, after, 0600));
    const auto reopened = open();
    const auto ranges = reopened->ranges(1);
    const std::uint64_t found = ranges.empty() ? 0 : ranges.back().end;
    EXPECT_TRUE(found == end || (took && found == next)) << found << ", not " << end;
    expect_all_below(*reopened, found);
  }
}

// Whoever goes on without it makes a new one in its place.
TEST_F(ReserveTest, AStartThatMeetsAnyFaultTakesUpAllOrFails) {
  ASSERT_TRUE(open()->append({counts_of(1, 0, 10)}));
  for (std::uint64_t call = 0; call < 12; ++call) {
    SCOPED_TRACE(call);
    io_.fail_calls(Fault::eio, call);
    Reserve reserve(io_, path_, kBytes);
    const auto opened = reserve.open(Reserve::Contents::take_up);
    io_.heal();
    if (!opened) continue;
    EXPECT_TRUE(*opened) << "as if there was no room for one";
    reserve.take_up({});
    EXPECT_EQ(reserve.ranges(1).size(), 1u);
  }
}

class ReserveFaults : public ReserveTest, public ::testing::WithParamInterface<Fault> {};

TEST_P(ReserveFaults, NoSystemCallThatFailsOnceLosesWhatWasConfirmed) {
  std::uint64_t calls = 1;
  for (std::uint64_t call = 0; call < calls; ++call) {
    SCOPED_TRACE(call);
    std::filesystem::remove(path_);
    const std::uint64_t before = io_.calls();
    io_.fail_calls(GetParam(), call);
    auto reserve = open();
    ASSERT_TRUE(opened_ || open_again(*reserve));
    std::uint64_t end = 0;
    for (int i = 0; i < 40; ++i) {
      if (reserve->append({counts_of(1, end, end + 31)})) end += 31;
      if (i == 20) reserve = open();
      ASSERT_TRUE(opened_ || open_again(*reserve));
    }
    calls = std::max(calls, io_.calls() - before);
    EXPECT_GE(end, 39u * 31u);
    io_.heal();
    expect_all_below(*open(), end);
  }
  EXPECT_GT(calls, 60u);
}

INSTANTIATE_TEST_SUITE_P(Reserve, ReserveFaults,
                         ::testing::Values(Fault::eio, Fault::enospc, Fault::short_write, Fault::eintr));

}  // namespace
}  // namespace tollgate::stores
