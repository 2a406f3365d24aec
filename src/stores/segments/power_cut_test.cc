// A power cut at any moment takes what was not synced, any part of it: what was is delivered, once, and nothing else.
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "base/str.h"
#include "stores/segments/log_fixture_test.h"
#include "tests/support/power_cut_io.h"
#include "tests/support/soak.h"

namespace tollgate::stores {
namespace {

using testing::PowerCutIo;

// Everything that a gateway does for a while, as the seed says. Returns how many records were safe at the end.
std::uint64_t live(LogFixture& f, PowerCutIo& disk, std::mt19937_64& random) {
  for (std::uint64_t steps = random() % 60; steps > 0; --steps) {
    switch (random() % 12) {
      case 0:
      case 1:
      case 2:
        for (std::uint64_t n = random() % 60; n > 0; --n) f.append(random() % 2);
        break;
      case 3:
      case 4: f.log->write_step(f.now += Seconds(1), LogWriter::Commit::when_due); break;
      case 5:
      case 6: f.write(); break;
      case 7:
      case 8: f.log->ship_step(); break;
      case 9: disk.note_mapped(); break;
      case 10:
        f.ingest.refuse_next(random() % 8);
        f.ingest.lose_next_acks(random() % 2);
        break;
      default: disk.set_full(random() % 3 != 0);
    }
  }
  if (random() % 4 == 0) f.append_many(5);
  const ports::LogCounters counters = f.log->counters();
  return counters.produced - counters.dropped - f.log->health().in_rings;
}

void expect_all_safe_records(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  LogFixture f;
  f.options.workers = 2;
  f.options.ring_capacity = 256;
  f.options.writer.segment_bytes_max = 12 << 10;
  f.options.shipper.keep_bytes = random() % 2 == 0 ? 0 : 1u << 20;
  f.options.shipper.spool_bytes_max = random() % 2 == 0 ? 32 << 10 : 1u << 20;
  for (int cut = 0; cut < 2; ++cut) {
    PowerCutIo disk(".tgr");
    f.options.io = &disk;
    f.open();
    const std::uint64_t safe = live(f, disk, random);
    const std::string after = f.dir.file(str::cat("after-", cut));
    disk.cut(after, random);
    f.crash();
    f.options.directory = after;
    f.options.io = nullptr;
    f.open();
    EXPECT_EQ(f.log->counters().unaccounted(), 0u);
    f.settle();
    EXPECT_EQ(f.log->counters().spooled, 0u);
    EXPECT_GE(f.ingest.count() + f.ingest.counted(), safe);
    f.expect_sound_deliveries();
    f.crash();
  }
  // What comes after is not taken for what was before.
  f.open();
  const std::uint64_t before = f.ingest.count() + f.ingest.counted();
  f.append_many(20);
  f.settle();
  EXPECT_EQ(f.ingest.count() + f.ingest.counted(), before + 20);
}

// After a cut that takes what the ring's file had not been synced of, records that come later are new ones to
// analytics, though nothing here but the ring could tell which sequences were used.
class PowerCutOfRings : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  PowerCutOfRings() { f_.options.io = &disk_; }
  // A ring that is on the disk as it is now, and from now on only when it is synced.
  void open() {
    f_.open();
    disk_.note_mapped();
  }
  // Cuts the power and goes on with what is left.
  void cut() {
    const std::string after = f_.dir.file("after");
    disk_.cut(after, random_);
    f_.crash();
    f_.options.directory = after;
    f_.options.io = nullptr;
    f_.open();
  }
  void expect_later_records_to_arrive() {
    const std::uint64_t before = f_.ingest.count() + f_.ingest.counted();
    f_.append_many(20);
    f_.settle();
    EXPECT_GE(f_.ingest.count() + f_.ingest.counted(), before + 20);
  }

  std::mt19937_64 random_{GetParam()};
  PowerCutIo disk_{".tgr"};
  LogFixture f_;
};

TEST_P(PowerCutOfRings, UsesNoSequenceTwiceOnceTheLastSegmentWasShippedAndRemoved) {
  f_.options.writer.segment_bytes_max = 1;
  f_.options.shipper.keep_bytes = 0;
  open();
  f_.append_many(10);
  f_.write();
  f_.ship();
  f_.ship();
  EXPECT_EQ(f_.log->health().segments, 0u);
  cut();
  expect_later_records_to_arrive();
}

TEST_P(PowerCutOfRings, UsesNoSequenceTwiceOnceTheLastSegmentMadeRoomOnAFullDisk) {
  f_.options.writer.segment_bytes_max = 1;
  open();
  f_.append_many(10);
  f_.write();
  f_.ship();
  disk_.set_full(true);
  f_.append_many(10);
  f_.write();
  EXPECT_EQ(f_.log->health().segments, 0u);
  cut();
  expect_later_records_to_arrive();
}

TEST_P(PowerCutOfRings, UsesNoSequenceTwiceOnceCountsWereSent) {
  open();
  disk_.set_full(true);
  f_.append_many(700);
  f_.write();
  f_.ship();
  EXPECT_GT(f_.ingest.counted(), 0u);
  cut();
  expect_later_records_to_arrive();
}

INSTANTIATE_TEST_SUITE_P(Seeds, PowerCutOfRings, ::testing::Range<std::uint64_t>(1, 17));

TEST(PowerCut, LosesOnlyWhatWasNotSyncedAndMixesUpNothing) {
  const std::uint64_t first = testing::first_seed();
  const auto cuts = testing::soak_count<std::uint64_t>(60, 1000);
  for (std::uint64_t seed = first; seed < first + cuts; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    expect_all_safe_records(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tollgate::stores
