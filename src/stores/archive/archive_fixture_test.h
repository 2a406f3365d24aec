// An archive over a disk that can fail, and what it should have. For tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/scatter.h"
#include "stores/archive/request_archive.h"
#include "tests/support/faulty_io.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {

using core::LoggedRecord;
using core::RecordPosition;
using testing::Fault;
using testing::FaultyIo;

inline bool same(const LoggedRecord& a, const LoggedRecord& b) {
  return a.ring_id == b.ring_id && std::memcmp(&a.record, &b.record, sizeof(a.record)) == 0;
}

// A record whose every part follows from its ring and sequence, so that a wrong one is seen: a millisecond apart, ten
// keys.
inline LoggedRecord numbered(std::uint64_t ring_id, std::uint64_t sequence) {
  LoggedRecord one{.ring_id = ring_id, .record = {}};
  core::DecisionRecord& record = one.record;
  record.sequence = sequence;
  record.time_ns = 1'790'000'000'000'000'000 + static_cast<std::int64_t>(sequence * 1'000'000 + ring_id * 1'000);
  record.request_id = static_cast<std::uint64_t>(record.time_ns / 1'000'000'000) << 32 |
                      scatter(static_cast<std::uint32_t>(sequence * 16 + ring_id));
  record.key = sequence % 10;
  record.consumer = core::name_ref(core::NameKind::consumer, sequence % 3 == 0 ? "acme" : "zenith");
  record.route = core::name_ref(core::NameKind::route, sequence % 2 == 0 ? "orders" : "users");
  record.client_net = {10, 0, static_cast<std::uint8_t>(ring_id), static_cast<std::uint8_t>(sequence)};
  record.client_family = 4;
  record.status = static_cast<std::uint16_t>(200 + sequence % 300);
  record.outcome = static_cast<core::Outcome>(sequence % 8);
  record.bytes_out = sequence * 37;
  record.total_us = static_cast<std::uint32_t>(sequence * 41);
  return one;
}

inline core::RecordBatch numbered_batch(std::uint64_t ring_id, std::uint64_t first, std::size_t count) {
  core::RecordBatch batch{.ring_id = ring_id, .names = {}, .records = {}};
  for (std::size_t i = 0; i < count; ++i) batch.records.push_back(numbered(ring_id, first + i).record);
  for (const char* route : {"orders", "users"}) {
    batch.names.push_back({core::NameKind::route, core::name_ref(core::NameKind::route, route), route});
  }
  for (const char* consumer : {"acme", "zenith"}) {
    batch.names.push_back({core::NameKind::consumer, core::name_ref(core::NameKind::consumer, consumer), consumer});
  }
  return batch;
}

class ArchiveFixture {
 public:
  ArchiveFixture() {
    options.directory = dir.file("requests");
    options.io = &io;
    options.records_max = 100;
    options.keep = Seconds(100 * 86'400);  // tests let weeks go by
  }

  void open() {
    auto opened = RequestArchive::open(options, clock);
    TG_ASSERT(opened.has_value());
    archive = *std::move(opened);
  }
  // As a kill does it.
  void crash() { archive.reset(); }
  void reopen() {
    crash();
    open();
  }

  // The next records of a ring. What was taken has to be there from then on.
  bool append(std::size_t count, std::uint64_t ring_id = 1) {
    std::uint64_t& next = rings[ring_id];
    const auto batch = numbered_batch(ring_id, next, count);
    const auto added = archive->append(batch);
    if (!added) return false;
    EXPECT_EQ(*added, count);
    for (const core::DecisionRecord& record : batch.records) wanted.push_back({ring_id, record});
    next += count;
    return true;
  }
  // All that is due. False: some of it could not be done.
  bool maintain() {
    while (true) {
      const auto more = archive->maintain(clock.wall_now());
      if (!more) return false;
      if (!*more) return true;
    }
  }
  // Even what is not full.
  void seal_all() {
    maintain();
    clock.advance(options.open_max);
    EXPECT_TRUE(maintain());
  }

  std::vector<LoggedRecord> scanned(const core::RecordFilter& filter = {}) {
    std::vector<LoggedRecord> all;
    auto scan = archive->scan(filter);
    TG_ASSERT(scan.has_value());
    std::vector<LoggedRecord> some;
    do {
      const auto read = (*scan)->next(some);
      EXPECT_TRUE(read.has_value());
      if (!read) break;
      all.insert(all.end(), some.begin(), some.end());
    } while (!some.empty());
    damaged = (*scan)->read().damaged;
    return all;
  }
  // In the order of position.
  std::vector<LoggedRecord> wanted_in_order(const core::RecordFilter& filter = {}) const {
    std::vector<LoggedRecord> passing;
    for (const LoggedRecord& one : wanted) {
      if (filter.matches(one.record)) passing.push_back(one);
    }
    std::ranges::sort(passing, {}, &RecordPosition::of);
    return passing;
  }
  // Each record once, whole, in order, and by search as by scan.
  void expect_all() {
    expect_equal(scanned(), wanted_in_order());
    const auto page = archive->search({.filter = {}, .limit = 1000, .cursor = {}});
    ASSERT_TRUE(page.has_value());
    auto newest = wanted_in_order();
    std::ranges::reverse(newest);
    newest.resize(std::min<std::size_t>(newest.size(), 1000));
    expect_equal(page->records, newest);
    EXPECT_EQ(archive->stats().records, wanted.size());
  }
  static void expect_equal(const std::vector<LoggedRecord>& got, const std::vector<LoggedRecord>& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_TRUE(same(got[i], expected[i])) << "record " << i;
  }
  // Of the directory: names that end so.
  std::vector<std::string> files(const std::string& ending) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(options.directory)) {
      if (entry.path().string().ends_with(ending)) found.push_back(entry.path().string());
    }
    std::ranges::sort(found);
    return found;
  }

  testing::TempDir dir;
  FaultyIo io;
  ManualClock clock;
  ArchiveOptions options;
  std::unique_ptr<RequestArchive> archive;
  std::map<std::uint64_t, std::uint64_t> rings;  // the next sequence of each
  std::vector<LoggedRecord> wanted;
  std::uint64_t damaged = 0;  // blocks, in the last scan
};

}  // namespace tollgate::stores
