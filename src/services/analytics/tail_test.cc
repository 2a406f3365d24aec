#include "services/analytics/tail.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace tollgate::services {
namespace {

std::vector<core::DecisionRecord> records(std::uint64_t first, std::size_t count, std::uint16_t status = 200) {
  std::vector<core::DecisionRecord> made(count);
  for (std::size_t i = 0; i < count; ++i) {
    made[i].sequence = first + i;
    made[i].status = status;
  }
  return made;
}

TEST(Tail, EachWatcherGetsWhatItsFilterWantsInOrder) {
  Tail tail;
  const auto all = tail.watch({});
  const auto limited = tail.watch({.status = 429});
  tail.take(5, records(0, 2));
  tail.take(6, records(7, 1, 429));
  const auto got = all->take();
  ASSERT_EQ(got.records.size(), 3u);
  EXPECT_EQ(got.records[0].ring_id, 5u);
  EXPECT_EQ(got.records[1].record.sequence, 1u);
  EXPECT_EQ(got.records[2].ring_id, 6u);
  ASSERT_EQ(limited->take().records.size(), 1u);
  EXPECT_TRUE(all->take().records.empty());
}

TEST(Tail, ASlowReaderIsToldHowManyItMissed) {
  Tail tail;
  const auto queue = tail.watch({});
  tail.take(1, records(0, TailQueue::kRecordsMax + 23));
  tail.take(1, records(5000, 4));
  const auto got = queue->take();
  EXPECT_EQ(got.records.size(), TailQueue::kRecordsMax);
  EXPECT_EQ(got.dropped, 27u);
  tail.take(1, records(6000, 1));
  EXPECT_EQ(queue->take().dropped, 0u);
}

TEST(Tail, AWatcherThatWentMakesRoomForAnother) {
  Tail tail;
  std::vector<std::shared_ptr<TailQueue>> queues;
  for (std::size_t i = 0; i < Tail::kWatchersMax; ++i) queues.push_back(tail.watch({}));
  EXPECT_EQ(tail.watch({}), nullptr);
  queues.pop_back();
  EXPECT_NE(tail.watch({}), nullptr);
}

TEST(Tail, WatchersComeAndGoWhileRecordsComeIn) {
  Tail tail;
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < 2000; ++i) tail.take(1, records(i, 1));
    done = true;
  });
  std::uint64_t seen = 0;
  while (!done) {
    const auto queue = tail.watch({});
    ASSERT_NE(queue, nullptr);
    seen += queue->take().records.size();
  }
  writer.join();
  EXPECT_LE(seen, 2000u);
}

}  // namespace
}  // namespace tollgate::services
