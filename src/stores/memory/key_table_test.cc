#include "stores/memory/key_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/str.h"

namespace tollgate::stores {
namespace {

core::KeyId key_id(std::uint64_t number) {
  core::KeyId id;
  const std::string digits = str::cat(number);
  std::fill(id.text.begin(), id.text.end(), '0');
  std::copy(digits.begin(), digits.end(), id.text.end() - static_cast<std::ptrdiff_t>(digits.size()));
  return id;
}

// `mark` goes into a field that tells versions of one key apart.
KeyTable::Entry entry_of(std::uint64_t number, std::uint32_t mark = 0) {
  auto entry = std::make_unique<ports::KeyEntry>();
  entry->id = key_id(number);
  entry->limit_revision = mark;
  return entry;
}

void put(KeyTable& table, std::uint64_t number, std::uint32_t mark = 0) {
  std::vector<KeyTable::Entry> one;
  one.push_back(entry_of(number, mark));
  table.put(std::move(one));
}

void remove(KeyTable& table, std::uint64_t number) {
  table.remove(std::array{key_id(number)});
}

TEST(KeyTable, FindsWhatWasPutAndNothingElse) {
  KeyTable table(1);
  for (std::uint64_t i = 0; i < 5'000; ++i) put(table, i, static_cast<std::uint32_t>(i));
  EXPECT_EQ(table.size(), 5'000u);
  const RcuReadGuard guard;
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    const ports::KeyEntry* entry = table.find(key_id(i));
    ASSERT_NE(entry, nullptr) << i;
    EXPECT_EQ(entry->limit_revision, i);
  }
  for (std::uint64_t i = 5'000; i < 10'000; ++i) ASSERT_EQ(table.find(key_id(i)), nullptr);
  EXPECT_EQ(table.find({}), nullptr);
}

TEST(KeyTable, ReplacesAnEntryOfTheSameId) {
  KeyTable table(1);
  put(table, 7, 1);
  put(table, 7, 2);
  EXPECT_EQ(table.size(), 1u);
  const RcuReadGuard guard;
  EXPECT_EQ(table.find(key_id(7))->limit_revision, 2u);
}

TEST(KeyTable, FindsTheRestAfterRemovals) {
  KeyTable table(1);
  for (std::uint64_t i = 0; i < 1'000; ++i) put(table, i);
  for (std::uint64_t i = 0; i < 1'000; i += 2) remove(table, i);
  remove(table, 77'777);
  EXPECT_EQ(table.size(), 500u);
  const RcuReadGuard guard;
  for (std::uint64_t i = 0; i < 1'000; ++i) ASSERT_EQ(table.find(key_id(i)) != nullptr, i % 2 == 1) << i;
}

TEST(KeyTable, StaysFastWhenKeysComeAndGo) {
  KeyTable table(1);
  // Without reuse or clearing of removed slots a search would never end.
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    put(table, i);
    if (i >= 10) remove(table, i - 10);
  }
  EXPECT_EQ(table.size(), 10u);
  const RcuReadGuard guard;
  EXPECT_EQ(table.find(key_id(0)), nullptr);
  EXPECT_NE(table.find(key_id(19'999)), nullptr);
}

TEST(KeyTable, KeepsAnEntryAliveForAsLongAsAReaderHoldsIt) {
  KeyTable table(1);
  put(table, 7, 1);
  {
    const RcuReadGuard guard;
    const ports::KeyEntry* held = table.find(key_id(7));
    put(table, 7, 2);
    remove(table, 7);
    for (std::uint64_t i = 100; i < 300; ++i) put(table, i);  // makes the array grow
    EXPECT_EQ(held->limit_revision, 1u);                      // a sanitizer would see it freed
  }
  RcuDomain::instance().drain();
}

TEST(KeyTable, VisitsEveryEntryOnce) {
  KeyTable table(1);
  for (std::uint64_t i = 0; i < 300; ++i) put(table, i, 1);
  remove(table, 5);
  std::uint64_t visited = 0;
  table.for_each([&](const ports::KeyEntry& entry) { visited += entry.limit_revision; });
  EXPECT_EQ(visited, 299u);
}

TEST(KeyTable, IsReadyAfterTheFirstLoadAndAgesFromThere) {
  KeyTable table(1);
  EXPECT_FALSE(table.ready());
  EXPECT_EQ(table.staleness(MonoTime(Seconds(5))), Nanos::max());
  table.set_fresh(MonoTime(Seconds(5)), (std::uint64_t{1} << 32) + 9);
  EXPECT_EQ(table.generation(), 9u);
  EXPECT_TRUE(table.ready());
  EXPECT_EQ(table.staleness(MonoTime(Seconds(7))), Seconds(2));
}

// Meant for TSan and ASan: readers follow pointers while everything around them is replaced, removed and moved.
TEST(KeyTable, AlwaysFindsAKeyThatIsThereWhileOthersChange) {
  KeyTable table(1);
  put(table, 0, 1);
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> found{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      std::uint32_t last = 0;
      while (!stop.load(std::memory_order_relaxed)) {
        const RcuReadGuard guard;
        const ports::KeyEntry* entry = table.find(key_id(0));
        ASSERT_NE(entry, nullptr);
        ASSERT_GE(entry->limit_revision, last);
        last = entry->limit_revision;
        if (const ports::KeyEntry* other = table.find(key_id(3))) {
          ASSERT_EQ(other->id, key_id(3));
        }
        found.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  for (std::uint32_t round = 1; round < 4'000 || found.load() < 100; ++round) {
    put(table, 0, round);
    put(table, 1 + round % 500, round);
    remove(table, 1 + (round * 7) % 500);
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  RcuDomain::instance().drain();
}

}  // namespace
}  // namespace tollgate::stores
