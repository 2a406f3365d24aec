#include "stores/archive/in_order.h"
#include "core/usage/packed_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::stores {
namespace {

using core::LoggedRecord;
using core::RecordPosition;

std::vector<RecordPosition> positions_of(const std::vector<LoggedRecord>& records) {
  std::vector<RecordPosition> positions;
  for (const LoggedRecord& one : records) positions.push_back(RecordPosition::of(one));
  return positions;
}

// Batches of a few rings whose clock runs, stands still and now and then jumps.
class Source {
 public:
  explicit Source(std::mt19937_64& random) : random_(random) {}

  void add_batch(OpenRecords& open, std::vector<LoggedRecord>& all) {
    const std::uint64_t ring_id = 1 + random_() % 3;
    std::vector<core::DecisionRecord> records(1 + random_() % (random_() % 4 == 0 ? 700 : 20));
    for (core::DecisionRecord& record : records) {
      now_ += static_cast<std::int64_t>(random_() % 3);
      if (random_() % 200 == 0) now_ += static_cast<std::int64_t>(random_() % 2000) - 1000;
      record.time_ns = now_;
      record.sequence = next_[ring_id]++;
      all.push_back({.ring_id = ring_id, .record = record});
    }
    std::string rows;
    core::append_rows(rows, ring_id, records);
    open.add(std::move(rows), records);
  }

 private:
  std::mt19937_64& random_;
  std::int64_t now_ = 0;
  std::array<std::uint64_t, 4> next_{};
};

TEST(InOrder, GivesEveryRecordOnceByPositionWhateverTheClockDid) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    OpenRecords open;
    std::vector<LoggedRecord> all;
    Source source(random);
    for (std::uint64_t batches = 1 + random() % 40; batches > 0; --batches) source.add_batch(open, all);
    std::ranges::sort(all, {}, &RecordPosition::of);

    InOrder in_order(open.view());
    std::vector<LoggedRecord> given;
    std::vector<LoggedRecord> some;
    const std::size_t count = 1 + random() % 1000;
    for (in_order.next(count, some); !some.empty(); in_order.next(count, some)) {
      EXPECT_TRUE(some.size() == count || given.size() + some.size() == all.size());
      given.insert(given.end(), some.begin(), some.end());
    }
    ASSERT_EQ(positions_of(given), positions_of(all));
  }
}

TEST(InOrder, HasNothingToGiveOfNothing) {
  InOrder in_order(OpenRecords().view());
  std::vector<LoggedRecord> some(1);
  in_order.next(10, some);
  EXPECT_TRUE(some.empty());
}

}  // namespace
}  // namespace tollgate::stores
