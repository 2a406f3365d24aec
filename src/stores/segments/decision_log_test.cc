#include "stores/segments/decision_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <thread>

#include "stores/segments/log_fixture_test.h"
#include "stores/segments/random_step_test.h"
#include "tests/support/soak.h"

namespace tollgate::stores {
namespace {

TEST(DecisionLog, BringsEveryRecordToAnalyticsWithTheNamesItRefersTo) {
  LogFixture f;
  f.open();
  const core::NameRef route = f.log->intern(core::NameKind::route, "orders");
  f.refer_to.route = route;
  f.append();
  EXPECT_EQ(f.log->counters().spooled, 1u);
  f.write();
  EXPECT_EQ(f.log->counters().spooled, 1u);
  f.ship();
  EXPECT_EQ(f.log->counters().stored, 1u);
  EXPECT_EQ(f.log->counters().spooled, 0u);
  EXPECT_EQ(f.ingest.name(core::NameKind::route, route), "orders");
}

TEST(DecisionLog, EveryNameGoesWithABatchWhoseRecordsTakeTurns) {
  LogFixture f;
  f.open();
  const core::NameRef routes[] = {f.log->intern(core::NameKind::route, "a"), f.log->intern(core::NameKind::route, "b"),
                                  0};
  const core::NameRef tier = f.log->intern(core::NameKind::tier, "free");
  const core::NameRef limits = f.log->intern(core::NameKind::limits, "key(key),per-client(client_ip)");
  for (std::uint64_t i = 0; i < 9; ++i) {
    f.refer_to = {.route = routes[i % 3], .tier = i == 4 ? tier : 0, .limits = i == 8 ? limits : 0};
    f.append();
  }
  f.write();
  f.ship();
  EXPECT_EQ(f.ingest.name(core::NameKind::route, routes[0]), "a");
  EXPECT_EQ(f.ingest.name(core::NameKind::route, routes[1]), "b");
  EXPECT_EQ(f.ingest.name(core::NameKind::tier, tier), "free");
  EXPECT_EQ(f.ingest.name(core::NameKind::limits, limits), "key(key),per-client(client_ip)");
}

TEST(DecisionLog, ANameStandsInEachSegmentThatRefersToItAndInNoOther) {
  LogFixture f;
  f.options.writer.segment_bytes_max = 1;  // one segment a write
  f.open();
  const core::NameRef consumer = f.log->intern(core::NameKind::consumer, "a rare consumer");
  const auto names_in = [&](unsigned segment) {
    const auto bytes = read_file(f.segment(segment));
    return bytes && bytes->find("a rare consumer") != std::string::npos;
  };
  for (const core::NameRef ref : {consumer, core::NameRef{0}, consumer}) {
    f.refer_to.consumer = ref;
    f.append();
    f.write();
  }
  EXPECT_TRUE(names_in(1));
  EXPECT_FALSE(names_in(2));
  EXPECT_TRUE(names_in(3));
}

TEST(DecisionLog, ANameWhoseWriteFailedIsWrittenWithTheNextAttempt) {
  LogFixture f;
  f.open();
  f.append();
  f.write();
  f.refer_to.route = f.log->intern(core::NameKind::route, "orders");
  f.append();
  f.io.fill_disk();
  f.write();
  f.io.heal();
  f.write();
  f.reopen();  // from now on only segments know the name
  f.ship();
  EXPECT_EQ(f.ingest.name(core::NameKind::route, f.refer_to.route), "orders");
}

TEST(DecisionLog, NamesThatAnOlderSegmentDefinesGoWithItsRecordsAfterARestart) {
  LogFixture f;
  f.options.writer.segment_bytes_max = 1;  // a segment a write
  f.open();
  f.refer_to.route = f.log->intern(core::NameKind::route, "orders");
  f.append();
  f.write();
  f.refer_to = {};
  f.append();
  f.write();
  f.reopen();
  f.ship();
  EXPECT_EQ(f.ingest.name(core::NameKind::route, core::name_ref(core::NameKind::route, "orders")), "orders");
}

TEST(DecisionLog, NamesOfAnEarlierRunStillGoWithItsRecords) {
  LogFixture f;
  f.open();
  f.refer_to.route = f.log->intern(core::NameKind::route, "orders");
  f.append();
  f.write();
  f.reopen();
  f.ship();
  EXPECT_EQ(f.ingest.name(core::NameKind::route, f.refer_to.route), "orders");
}

// A start reads no more of older segments than their beginning.
TEST(DecisionLog, NamesInTheMiddleOfAnOlderSegmentStillGoWithItsRecords) {
  LogFixture f;
  f.options.writer.segment_bytes_max = 1000;
  f.open();
  f.append();
  f.write();
  f.refer_to.route = f.log->intern(core::NameKind::route, "orders");
  f.append_many(10);
  f.write();
  const core::NameRef route = std::exchange(f.refer_to.route, 0);
  f.append_many(10);
  f.write();
  f.reopen();
  f.ship();
  EXPECT_EQ(f.ingest.name(core::NameKind::route, route), "orders");
}

TEST(DecisionLog, AnOpenSegmentOfWhichAllWasShippedIsReadOnAfterALostAck) {
  LogFixture f;
  f.open();
  f.append_many(10);
  f.write();
  f.ingest.lose_next_acks(1);
  f.ship();
  f.ship();  // asks how far it had come
  EXPECT_EQ(f.log->counters().stored, 10u);
  f.append_many(10);
  f.write();
  f.ship();
  EXPECT_EQ(f.log->health().segments, 1u);
  EXPECT_EQ(f.log->counters().stored, 20u);
  f.expect_nothing_lost();
}

TEST(DecisionLog, NothingIsLostOrDoubledWhenItEndsAtAnyPoint) {
  // After each of these a kill: append, write, ship, ship without an ack.
  for (int steps = 0; steps < 16; ++steps) {
    LogFixture f;
    f.open();
    for (int round = 0; round < 3; ++round) {
      f.append_many(10);
      if (steps & 1) f.write();
      if (steps & 2) f.ship();
      if (steps & 4) f.ingest.lose_next_acks(1);
      if (steps & 8) f.ship();
      f.reopen();
      EXPECT_EQ(f.log->counters().produced, f.appended);
      EXPECT_EQ(f.log->counters().dropped, 0u);
    }
    f.settle();
    f.expect_nothing_lost();
  }
}

TEST(DecisionLog, AnAckThatWasLostLeadsToNoSecondDelivery) {
  LogFixture f;
  f.open();
  f.append_many(5);
  f.write();
  f.ingest.lose_next_acks(1);
  f.ship();
  EXPECT_EQ(f.log->counters().spooled, 5u);  // stored there, but that is not known here
  f.append_many(5);
  f.settle();
  f.expect_nothing_lost();
}

TEST(DecisionLog, WhatWasAcknowledgedIsNotSentAgain) {
  LogFixture f;
  f.open();
  for (int run = 0; run < 3; ++run) {
    f.append_many(5);
    f.settle();
    f.append_many(5);  // to the same segment
    f.write();
    f.reopen();
    f.settle();
  }
  EXPECT_EQ(f.ingest.batches(), 6u);
  EXPECT_EQ(f.ingest.known(), 0u);
  f.expect_nothing_lost();
}

TEST(DecisionLog, AnInterruptedWriteGoesOnInTheSameSegment) {
  LogFixture f;
  f.open();
  f.append_many(5);
  f.write();
  f.append_many(5);
  f.io.fail_calls(Fault::eintr, 0);
  EXPECT_TRUE(f.write());
  EXPECT_EQ(f.log->health().write_failures, 0u);
  f.settle();
  f.expect_nothing_lost();
}

TEST(DecisionLog, AnalyticsThatLostItsDataIsFilledAgainFromSegments) {
  LogFixture f;
  f.open();
  f.append_many(50);
  f.settle();
  f.ingest.forget_everything();
  f.append_many(1);
  f.settle();
  f.expect_nothing_lost();
}

TEST(DecisionLog, ALongOutageOfAnalyticsLosesNothing) {
  LogFixture f;
  f.options.writer.segment_bytes_max = 3 << 10;  // many segments
  f.open();
  f.ingest.refuse_next(1'000'000);
  for (int i = 0; i < 40; ++i) {
    f.append_many(100);
    f.write();
    EXPECT_GE(f.log->ship_step(), f.options.shipper.backoff_min / 2);
  }
  EXPECT_LE(f.log->ship_step(), f.options.shipper.backoff_max);
  EXPECT_GT(f.log->health().segments, 20u);
  EXPECT_EQ(f.log->counters().spooled, f.appended);
  f.settle();
  f.expect_nothing_lost();
}

TEST(DecisionLog, BatchesHoldAtMost4096Records) {
  LogFixture f;
  f.options.ring_capacity = 16'384;
  f.open();
  f.append_many(10'000);
  f.write();
  f.ship();
  EXPECT_EQ(f.ingest.batches(), 3u);
  f.expect_nothing_lost();
}

TEST(DecisionLog, RingsOfWorkersThatAreNoMoreAreEmptiedToo) {
  LogFixture f;
  f.options.workers = 3;
  f.open();
  for (std::size_t worker = 0; worker < 3; ++worker) f.append(worker);
  f.crash();
  f.options.workers = 1;
  f.open();
  f.settle();
  f.expect_nothing_lost();
}

bool has_ring(const LogFixture& f, int worker) {
  return std::filesystem::exists(str::cat(f.options.directory, "/ring-", worker, ".tgr"));
}

TEST(DecisionLog, TheRingOfAWorkerThatIsNoMoreGoesOnceItIsShippedAndNotBefore) {
  LogFixture f;
  f.options.workers = 3;
  f.open();
  for (std::size_t worker = 0; worker < 3; ++worker) f.append(worker);
  f.settle();
  f.append(2);
  f.crash();
  f.options.workers = 1;
  f.open();
  EXPECT_TRUE(has_ring(f, 0));
  EXPECT_FALSE(has_ring(f, 1));
  EXPECT_TRUE(has_ring(f, 2)) << "it has a record";
  f.write();
  f.reopen();
  EXPECT_TRUE(has_ring(f, 2)) << "its record is in a segment only";
  f.settle();
  EXPECT_EQ(f.ingest.count(), 4u);
  f.reopen();
  EXPECT_FALSE(has_ring(f, 2));
  f.append();
  f.settle();
  EXPECT_EQ(f.ingest.count(), 5u);
  EXPECT_EQ(f.log->counters().unaccounted(), 0u);
  f.expect_sound_deliveries();
}

TEST(DecisionLog, ARemovedRingStillCountsInTheRunThatRemovedIt) {
  LogFixture f;
  f.options.workers = 2;
  f.options.ring_capacity = 16;
  f.open();
  for (int i = 0; i < 20; ++i) f.append(1);
  f.settle();
  f.crash();
  f.options.workers = 1;
  f.open();
  EXPECT_FALSE(has_ring(f, 1));
  EXPECT_EQ(f.log->counters().produced, 20u);
  EXPECT_EQ(f.log->counters().stored, 16u);
  EXPECT_EQ(f.log->counters().dropped, 4u);
}

TEST(DecisionLog, WhatARemovedRingHadIsNeitherReadNorSentAgain) {
  LogFixture f;
  f.options.writer.segment_bytes_max = 1;  // each write seals its segment
  f.options.workers = 2;
  f.open();
  f.append(0);
  f.append(1);
  f.settle();
  f.crash();
  f.options.workers = 1;
  for (int run = 0; run < 3; ++run) {
    f.open();
    EXPECT_FALSE(has_ring(f, 1));
    f.io.make_unreadable(f.segment(1), 0);
    f.append();
    f.write();
    f.ship();
    EXPECT_EQ(f.log->health().shipping.read_failures, 0u);
    EXPECT_EQ(f.log->counters().spooled, 0u);
    f.io.heal();
    f.crash();
  }
  EXPECT_EQ(f.ingest.known(), 0u);
  EXPECT_EQ(f.ingest.count(), f.appended);
}

TEST(DecisionLog, RecordsOfARingWhoseFileIsGoneAreShippedFromSegments) {
  LogFixture f;
  f.open();
  f.append_many(20);
  f.write();
  f.crash();
  std::filesystem::remove(f.options.directory + "/ring-0.tgr");
  f.open();
  EXPECT_EQ(f.log->counters().spooled, 20u);
  f.append_many(5);
  f.settle();
  f.expect_nothing_lost();
}

TEST(DecisionLog, OnlyOneProcessAtATimeHasTheDirectory) {
  LogFixture f;
  f.open();
  const auto second = SegmentDecisionLog::open(f.options, f.ingest);
  ASSERT_FALSE(second);
  EXPECT_TRUE(second.error().is(codes::data_dir_in_use));
}

TEST(DecisionLog, StopBringsEverythingToAnalytics) {
  LogFixture f;
  f.options.workers = 2;
  f.options.io = nullptr;
  f.open();
  f.log->start();
  std::thread worker([&] {
    for (std::uint64_t i = 0; i < 500; ++i) {
      core::DecisionRecord record = numbered_record(1000 + i);
      f.log->sink(1).append(record);
    }
  });
  f.append_many(500);
  worker.join();
  f.log->stop();
  f.appended = 1500;  // the numbers that were given away
  EXPECT_EQ(f.log->counters().stored, 1000u);
  EXPECT_EQ(f.log->counters().unaccounted(), 0u);
  EXPECT_EQ(f.ingest.count(), 1000u);
}

TEST(DecisionLog, CountersAddUpAtEveryMomentTheyAreAsked) {
  LogFixture f;
  f.options.io = nullptr;
  f.options.shipper.interval = Millis(1);
  f.open();
  f.log->start();
  std::thread worker([&] { f.append_many(50'000); });
  bool running = true;
  while (running) {
    const ports::LogCounters counters = f.log->counters();
    ASSERT_EQ(counters.unaccounted(), 0u);
    ASSERT_LE(counters.stored, counters.produced);
    running = counters.produced < 50'000;
  }
  worker.join();
  f.log->stop();
  const ports::LogCounters counters = f.log->counters();
  EXPECT_EQ(counters.stored + counters.dropped, 50'000u);
  EXPECT_EQ(f.ingest.count(), counters.stored);
  f.expect_sound_deliveries();
}

// Anything in any order: the sums hold after every step, and what was not dropped arrives once.
TEST(DecisionLog, ConservesRecordsUnderRandomInterleavingsOfEverything) {
  for (std::uint64_t seed = 1; seed <= testing::soak_count<std::uint64_t>(60, 2000); ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    LogFixture f;
    f.options.workers = 2;
    f.options.ring_capacity = 64;
    f.options.writer.segment_bytes_max = 16 << 10;
    f.options.shipper.keep_bytes = 32 << 10;
    f.options.shipper.spool_bytes_max = seed % 3 == 0 ? 48 << 10 : 1u << 30;
    f.open();
    for (int step = 0; step < 300; ++step) {
      random_step(f, random, {.refusals_max = 3, .fills_disk = false});
      const ports::LogCounters counters = f.log->counters();
      ASSERT_EQ(counters.unaccounted(), 0u);
      ASSERT_EQ(counters.produced, f.appended);
      ASSERT_LE(counters.dropped, counters.produced);
    }
    f.settle();
    const ports::LogCounters counters = f.log->counters();
    EXPECT_EQ(counters.spooled, 0u);
    EXPECT_EQ(counters.stored + counters.aggregated + counters.dropped, f.appended);
    EXPECT_EQ(f.ingest.count(), counters.stored);
    EXPECT_EQ(f.ingest.counted(), counters.aggregated);
  }
}

}  // namespace
}  // namespace tollgate::stores
