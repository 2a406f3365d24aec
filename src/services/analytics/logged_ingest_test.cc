#include "services/analytics/logged_ingest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/str.h"

namespace tollgate::services {
namespace {

core::RecordBatch batch_of(std::uint64_t first, std::size_t count, std::uint64_t lost_before = 0) {
  core::RecordBatch batch{.ring_id = 7, .names = {}, .records = {}, .lost_before = lost_before};
  for (std::size_t i = 0; i < count; ++i) batch.records.emplace_back().sequence = first + i;
  return batch;
}

core::RecordBatch counts_of(std::uint64_t first, std::uint64_t end) {
  return {.ring_id = 7,
          .names = {},
          .records = {},
          .aggregate = core::Aggregate{.first = first, .end = end, .requests = end - first, .chunks = {}}};
}

// By the rules of ports::PostStore.
class Usage final : public ports::PostStore {
 public:
  Result<ports::IngestAck> ingest(const ports::RecordBatch& batch) override {
    if (batch.records.empty() && !batch.aggregate) return ports::IngestAck{.stored_through = through};
    if (broken) return fail(codes::store_unavailable, "told to");
    const std::uint64_t first = batch.aggregate ? batch.aggregate->first : batch.records.front().sequence;
    const std::uint64_t end = batch.aggregate ? batch.aggregate->end : batch.records.back().sequence + 1;
    if (first - batch.lost_before > through) return fail(codes::conflict, str::cat("go on at ", through));
    if (batch.aggregate && end > through) counted += batch.aggregate->requests;
    through = std::max(through, end);
    return ports::IngestAck{.stored_through = through};
  }
  // Every event is new.
  Result<ports::PostAck> post(const ports::EventPost& post) override {
    if (broken) return fail(codes::store_unavailable, "told to");
    ports::PostAck ack{.added = {.ring_id = 9, .names = post.names, .records = post.records}};
    for (core::DecisionRecord& record : ack.added.records) record.sequence = posted++;
    std::erase_if(kept, [&](const core::RecordBatch& batch) { return batch.records.back().sequence < confirmed; });
    if (!ack.added.records.empty()) kept.push_back(ack.added);
    if (answer_is_lost) return fail(codes::store_unavailable, "the commit failed, or it did not");
    return ack;
  }
  Result<std::vector<core::RecordBatch>> unconfirmed() override { return kept; }
  void confirm(std::uint64_t to) override { confirmed = to; }

  bool broken = false;
  bool answer_is_lost = false;
  std::uint64_t through = 0;
  std::uint64_t counted = 0;  // of counts without records
  std::uint64_t posted = 0;
  std::uint64_t confirmed = 0;
  std::vector<core::RecordBatch> kept;
};

ports::EventPost post_of(std::size_t events) {
  return {.names = {}, .records = std::vector<core::DecisionRecord>(events), .ids = {}, .mark = {}};
}

// By those of ports::RequestLog::append.
class Log final : public ports::RequestLog {
 public:
  Result<std::uint64_t> append(const core::RecordBatch& batch) override {
    if (broken) return fail(codes::store_unavailable, "the disk is full");
    const std::uint64_t before = records;
    for (const core::DecisionRecord& record : batch.records) {
      if (record.sequence < mark) continue;
      mark = record.sequence + 1;
      ++records;
    }
    return records - before;
  }
  Result<ports::RequestPage> search(const ports::RequestQuery&) override { return fail(codes::internal); }
  Result<std::vector<core::LoggedRecord>> find(std::uint64_t) override { return fail(codes::internal); }
  Result<std::unique_ptr<ports::RequestScan>> scan(const core::RecordFilter&) override { return fail(codes::internal); }
  ports::RequestLogStats stats() const override { return {}; }
  Result<bool> maintain(WallTime) override { return false; }

  bool broken = false;
  std::uint64_t mark = 0;
  std::uint64_t records = 0;
};

struct Both {
  Log log;
  Usage usage;
  LoggedIngest ingest{log, usage};
};

TEST(LoggedIngest, BothGetEachRecordOnce) {
  Both i;
  EXPECT_EQ(i.ingest.ingest(batch_of(0, 10))->stored_through, 10u);
  EXPECT_EQ(i.ingest.ingest(batch_of(5, 10))->stored_through, 15u);
  EXPECT_EQ(i.ingest.ingest(batch_of(0, 15))->stored_through, 15u);
  EXPECT_EQ(i.log.records, 15u);
  EXPECT_EQ(i.ingest.ingest(batch_of(0, 0))->stored_through, 15u);
}

TEST(LoggedIngest, WhatTheLogCannotTakeIsRefusedWhole) {
  Both i;
  i.log.broken = true;
  const auto refused = i.ingest.ingest(batch_of(0, 10));
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().is(codes::store_unavailable));
  EXPECT_EQ(i.usage.through, 0u);
  i.log.broken = false;
  EXPECT_EQ(i.ingest.ingest(batch_of(0, 10))->stored_through, 10u);
  EXPECT_EQ(i.log.records, 10u);
}

TEST(LoggedIngest, ABatchThatOnlyTheLogTookComesAgainAndCountsOnce) {
  Both i;
  i.usage.broken = true;
  EXPECT_FALSE(i.ingest.ingest(batch_of(0, 10)).has_value());
  EXPECT_EQ(i.log.records, 10u);
  i.usage.broken = false;
  EXPECT_EQ(i.ingest.ingest(batch_of(0, 4))->stored_through, 4u);
  EXPECT_EQ(i.ingest.ingest(batch_of(4, 10))->stored_through, 14u);
  EXPECT_EQ(i.log.records, 14u);
}

TEST(LoggedIngest, ABatchWithAGapReachesNeither) {
  Both i;
  EXPECT_TRUE(i.ingest.ingest(batch_of(0, 10)).has_value());
  const auto refused = i.ingest.ingest(batch_of(20, 5));
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().is(codes::conflict));
  EXPECT_EQ(i.log.records, 10u);
  EXPECT_EQ(i.ingest.ingest(batch_of(10, 15))->stored_through, 25u);
  EXPECT_EQ(i.log.records, 25u) << "what was left out the first time is not missing";
  EXPECT_EQ(i.ingest.ingest(batch_of(30, 5, 5))->stored_through, 35u) << "what is lost is no gap";
}

TEST(LoggedIngest, CountsInsteadOfRecordsReachTheRollUpsAndTheLogGoesOnBehindThem) {
  Both i;
  EXPECT_EQ(i.ingest.ingest(batch_of(0, 10))->stored_through, 10u);
  EXPECT_EQ(i.ingest.ingest(counts_of(10, 30))->stored_through, 30u);
  EXPECT_EQ(i.ingest.ingest(counts_of(10, 30))->stored_through, 30u);
  EXPECT_EQ(i.usage.counted, 20u);
  EXPECT_EQ(i.log.records, 10u) << "there is no single request in them";
  EXPECT_EQ(i.ingest.ingest(batch_of(30, 5))->stored_through, 35u);
  EXPECT_EQ(i.log.records, 15u);
}

TEST(LoggedIngest, CountsAreTakenWhileTheLogTakesNothing) {
  Both i;
  i.log.broken = true;
  EXPECT_EQ(i.ingest.ingest(counts_of(0, 20))->stored_through, 20u);
  EXPECT_EQ(i.usage.counted, 20u);
}

TEST(LoggedIngest, PostedEventsReachBothOnce) {
  Both i;
  ASSERT_TRUE(i.ingest.post(post_of(3)).has_value());
  ASSERT_TRUE(i.ingest.post(post_of(0)).has_value());
  ASSERT_TRUE(i.ingest.post(post_of(2)).has_value());
  ASSERT_TRUE(i.ingest.settle().has_value());
  EXPECT_EQ(i.usage.posted, 5u);
  EXPECT_EQ(i.log.records, 5u);
}

TEST(LoggedIngest, PostedEventsThatTheLogCannotTakeReachItLaterInTheirOrder) {
  Both i;
  i.log.broken = true;
  ASSERT_TRUE(i.ingest.post(post_of(3)).has_value()) << "they count, and whoever sent them must not send them again";
  EXPECT_TRUE(i.ingest.post(post_of(2)).error().is(codes::store_unavailable)) << "one is kept, not any number";
  EXPECT_FALSE(i.ingest.settle().has_value());
  EXPECT_EQ(i.usage.posted, 3u);
  i.log.broken = false;
  ASSERT_TRUE(i.ingest.post(post_of(2)).has_value());
  EXPECT_EQ(i.log.records, 5u);
  EXPECT_EQ(i.log.mark, 5u);
}

TEST(LoggedIngest, PostedEventsOfAProcessThatEndedBeforeTheLogHadThemReachItAfterwards) {
  Both i;
  ASSERT_TRUE(i.ingest.post(post_of(3)).has_value());
  ASSERT_TRUE(i.usage.post(post_of(2)).has_value());
  LoggedIngest next(i.log, i.usage);
  ASSERT_TRUE(next.settle().has_value());
  EXPECT_EQ(i.log.records, 5u);
  LoggedIngest another(i.log, i.usage);
  ASSERT_TRUE(another.post(post_of(1)).has_value());
  EXPECT_EQ(i.log.records, 6u);
}

TEST(LoggedIngest, APostWhoseCommitIsNotKnownToHaveHappenedReachesTheLogWhenItHas) {
  Both i;
  ASSERT_TRUE(i.ingest.settle().has_value());
  i.usage.answer_is_lost = true;
  EXPECT_FALSE(i.ingest.post(post_of(3)).has_value());
  i.usage.answer_is_lost = false;
  ASSERT_TRUE(i.ingest.settle().has_value());
  EXPECT_EQ(i.log.records, 3u);
}

}  // namespace
}  // namespace tollgate::services
