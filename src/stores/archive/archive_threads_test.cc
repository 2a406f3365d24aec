// Adding, sealing, expiring and asking, all at once.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "stores/archive/archive_fixture_test.h"

namespace tollgate::stores {
namespace {

constexpr std::uint64_t kBatches = 60;
constexpr std::size_t kBatch = 50;

void append_all(RequestArchive& archive, std::uint64_t ring_id) {
  for (std::uint64_t i = 0; i < kBatches; ++i) {
    ASSERT_EQ(archive.append(numbered_batch(ring_id, i * kBatch, kBatch)).value(), kBatch);
  }
}

// What was there before a question is in its answer.
void expect_whole(RequestArchive& archive) {
  const std::uint64_t before = archive.stats().records;
  auto scan = archive.scan({});
  std::vector<LoggedRecord> some;
  std::uint64_t records = 0;
  std::optional<RecordPosition> last;
  do {
    ASSERT_TRUE((*scan)->next(some).has_value());
    for (const LoggedRecord& one : some) {
      ASSERT_TRUE(same(one, numbered(one.ring_id, one.record.sequence)));
      ASSERT_TRUE(!last || *last < RecordPosition::of(one));
      last = RecordPosition::of(one);
    }
    records += some.size();
  } while (!some.empty());
  ASSERT_GE(records, before);
  const auto page = archive.search({.filter = {.key = 3}, .limit = 20, .cursor = {}});
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->read.damaged, 0u);
}

TEST(ArchiveThreads, AnswersAreWholeWhileFilesComeAndGo) {
  ArchiveFixture f;
  f.options.io = &system_io();
  f.options.records_max = 200;
  f.open();
  std::atomic<bool> over{false};
  std::vector<std::thread> others;
  others.emplace_back([&] {
    while (!over) {
      const auto more = f.archive->maintain(f.clock.wall_now());
      ASSERT_TRUE(more.has_value());
      if (!*more) std::this_thread::yield();
    }
  });
  for (int i = 0; i < 2; ++i) {
    others.emplace_back([&] {
      while (!over) expect_whole(*f.archive);
    });
  }
  std::thread first([&] { append_all(*f.archive, 1); });
  append_all(*f.archive, 2);
  first.join();
  over = true;
  for (std::thread& other : others) other.join();
  for (const std::uint64_t ring_id : {1u, 2u}) {
    for (std::uint64_t i = 0; i < kBatches * kBatch; ++i) f.wanted.push_back(numbered(ring_id, i));
  }
  f.expect_all();
}

}  // namespace
}  // namespace tollgate::stores
