// Random histories against the plainest archive there is: a list.
#include <gtest/gtest.h>

#include <random>

#include "core/usage/random_records_test.h"
#include "stores/archive/archive_fixture_test.h"

namespace tollgate::stores {
namespace {

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {
    f_.options.records_max = 50 + random_() % 300;
    f_.open();
  }

  void step() {
    switch (random_() % 12) {
      case 0: f_.reopen(); return;
      case 1: ASSERT_TRUE(f_.archive->maintain(f_.clock.wall_now()).has_value()); return;
      case 2: f_.clock.advance(Seconds(static_cast<std::int64_t>(random_() % 3'000))); return;
      case 3: ask(); return;
      case 4: scan(); return;
      case 5: find(); return;
      default: append();
    }
  }
  void check() {
    EXPECT_EQ(f_.archive->stats().records, f_.wanted.size());
    ArchiveFixture::expect_equal(f_.scanned(), f_.wanted_in_order());
    EXPECT_EQ(f_.damaged, 0u);
  }

 private:
  core::DecisionRecord record() {
    core::DecisionRecord record = core::random_record(random_);
    record.request_id = static_cast<std::uint64_t>(record.time_ns / 1'000'000'000) << 32 | random_() % 100'000;
    record.consumer = static_cast<core::NameRef>(random_() % 5);
    record.client_net = {static_cast<std::uint8_t>(random_() % 20)};
    record.client_family = 4;
    return record;
  }

  // New ones, known ones, or both; each ring has its history, which stays as it is.
  void append() {
    const std::uint64_t ring_id = random_() % 4;
    std::vector<core::DecisionRecord>& ring = rings_[ring_id];
    const std::size_t stored = ring.size();
    const std::size_t first = stored - std::min<std::size_t>(stored, random_() % 60);
    const std::size_t end = first + 1 + random_() % 100;
    while (ring.size() < end) {
      ring.push_back(record());
      ring.back().sequence = ring.size() - 1;
    }
    const core::RecordBatch batch{.ring_id = ring_id,
                                  .names = {},
                                  .records = {ring.begin() + static_cast<std::ptrdiff_t>(first),
                                              ring.begin() + static_cast<std::ptrdiff_t>(end)}};
    const auto added = f_.archive->append(batch);
    ASSERT_TRUE(added.has_value());
    EXPECT_EQ(*added, ring.size() - stored);
    for (std::size_t i = stored; i < ring.size(); ++i) f_.wanted.push_back({ring_id, ring[i]});
  }

  core::RecordFilter filter() {
    const auto some = [&] { return f_.wanted[random_() % f_.wanted.size()].record; };
    const auto wanted = [&] { return !f_.wanted.empty() && random_() % 4 == 0; };
    core::RecordFilter filter;
    if (wanted()) filter.from = WallTime(Nanos(some().time_ns));
    if (wanted()) filter.to = WallTime(Nanos(some().time_ns));
    if (wanted()) filter.key = some().key;
    if (wanted()) filter.consumer = some().consumer;
    if (wanted()) filter.client = core::ClientNet{.net = some().client_net, .family = 4};
    if (wanted()) filter.route = some().route;
    if (wanted()) filter.status = some().status;
    if (wanted()) filter.outcome = some().outcome;
    return filter;
  }

  void ask() {
    ports::RequestQuery query{.filter = filter(), .limit = 1 + random_() % 300, .cursor = {}};
    std::vector<LoggedRecord> all;
    do {
      const auto page = f_.archive->search(query);
      ASSERT_TRUE(page.has_value());
      EXPECT_EQ(page->read.damaged, 0u);
      all.insert(all.end(), page->records.begin(), page->records.end());
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty());
    std::ranges::reverse(all);
    ArchiveFixture::expect_equal(all, f_.wanted_in_order(query.filter));
  }
  void scan() {
    const core::RecordFilter wanted = filter();
    ArchiveFixture::expect_equal(f_.scanned(wanted), f_.wanted_in_order(wanted));
  }
  void find() {
    if (f_.wanted.empty()) return;
    const std::uint64_t id = f_.wanted[random_() % f_.wanted.size()].record.request_id;
    const auto found = f_.archive->find(id);
    ASSERT_TRUE(found.has_value());
    const auto has_id = [&](const LoggedRecord& one) { return one.record.request_id == id; };
    EXPECT_EQ(found->size(), static_cast<std::size_t>(std::ranges::count_if(f_.wanted, has_id)));
    EXPECT_TRUE(std::ranges::all_of(*found, has_id));
  }

  std::mt19937_64 random_;
  ArchiveFixture f_;
  std::map<std::uint64_t, std::vector<core::DecisionRecord>> rings_;
};

TEST(RequestArchiveProperty, AnyHistoryAnswersAsAListWould) {
  const std::uint64_t begin = std::random_device()();
  for (std::uint64_t seed = begin; seed < begin + 12; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    History history(seed);
    for (int step = 0; step < 150; ++step) {
      history.step();
      if (::testing::Test::HasFailure()) return;
    }
    history.check();
  }
}

}  // namespace
}  // namespace tollgate::stores
