#include "core/usage/record_block.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "core/usage/block_parts_test.h"
#include "tests/support/traffic.h"

namespace tollgate::core {
namespace {

bool same(const LoggedRecord& a, const LoggedRecord& b) {
  return a.ring_id == b.ring_id && std::memcmp(&a.record, &b.record, sizeof(a.record)) == 0;
}

void expect_same(std::span<const LoggedRecord> got, std::span<const LoggedRecord> wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_TRUE(same(got[i], wanted[i])) << "record " << i;
}

std::vector<LoggedRecord> round_trip(std::span<const LoggedRecord> records) {
  const RecordBlock block = encode_block(records);
  OwnParts parts(block.parts);
  auto reader = RecordBlockReader::open(block.head, parts);
  EXPECT_TRUE(reader.has_value());
  if (!reader) return {};
  EXPECT_EQ(reader->records(), records.size());
  EXPECT_EQ(reader->parts(), block.parts.size());
  std::vector<std::uint32_t> rows;
  std::vector<LoggedRecord> read;
  EXPECT_TRUE(reader->select_all(rows) && reader->read(rows, read));
  return read;
}

// Bytes are everything a record can be: any value of any field.
LoggedRecord random_bytes(std::mt19937_64& random, double share_of_zeros) {
  LoggedRecord one;
  std::array<unsigned char, sizeof(DecisionRecord)> bytes{};
  std::bernoulli_distribution is_zero(share_of_zeros);
  for (unsigned char& byte : bytes) byte = is_zero(random) ? 0 : static_cast<unsigned char>(random());
  std::memcpy(&one.record, bytes.data(), bytes.size());
  one.ring_id = random() % 3 == 0 ? random() : random() % 3;
  return one;
}

std::vector<LoggedRecord> traffic(std::size_t batches, testing::TrafficOptions options = {}) {
  testing::Traffic source(options);
  std::vector<LoggedRecord> records;
  for (std::size_t i = 0; i < batches; ++i) {
    const RecordBatch batch = source.next_batch(500);
    for (const DecisionRecord& record : batch.records) records.push_back({batch.ring_id, record});
  }
  return records;
}

TEST(RecordBlock, GivesBackAnyRecordsExactly) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    std::vector<LoggedRecord> records(1 + random() % (round % 10 == 0 ? 3000 : 20));
    const double zeros = static_cast<double>(random() % 11) / 10;
    for (LoggedRecord& one : records) one = random_bytes(random, zeros);
    // Some of them again and again, as in life.
    for (LoggedRecord& one : records) {
      if (random() % 3 == 0) one = records[random() % records.size()];
    }
    expect_same(round_trip(records), records);
  }
}

TEST(RecordBlock, GivesBackTrafficExactly) {
  const auto records = traffic(16, {.traced = 0.3});
  expect_same(round_trip(records), records);
}

TEST(RecordBlock, GivesBackExtremes) {
  LoggedRecord lowest;
  lowest.record.time_ns = std::numeric_limits<std::int64_t>::min();
  LoggedRecord highest;
  std::memset(static_cast<void*>(&highest.record), 0xff, sizeof(highest.record));
  highest.ring_id = ~std::uint64_t{0};
  highest.record.time_ns = std::numeric_limits<std::int64_t>::max();
  for (const auto& records : {std::vector{lowest}, std::vector{highest}, std::vector{lowest, highest},
                              std::vector{highest, lowest, highest}}) {
    expect_same(round_trip(records), records);
  }
}

std::vector<LoggedRecord> selected(const RecordBlock& block, const RecordFilter& filter) {
  OwnParts parts(block.parts);
  auto reader = RecordBlockReader::open(block.head, parts);
  std::vector<std::uint32_t> rows;
  std::vector<LoggedRecord> read;
  EXPECT_TRUE(reader && reader->select(filter, rows) && reader->read(rows, read));
  return read;
}

RecordFilter random_filter(std::mt19937_64& random, const std::vector<LoggedRecord>& records) {
  // What there is, so that filters find something, and now and then what there is not.
  const auto one = [&] { return records[random() % records.size()].record; };
  const auto wanted = [&] { return random() % 3 == 0; };
  RecordFilter filter;
  if (wanted()) filter.from = WallTime(Nanos(one().time_ns));
  if (wanted()) filter.to = WallTime(Nanos(one().time_ns));
  if (wanted()) filter.key = one().key;
  if (wanted()) filter.route = one().route;
  if (wanted()) filter.tier = one().tier;
  if (wanted()) filter.consumer = one().consumer;
  if (wanted()) filter.status = one().status;
  if (wanted()) filter.status_class = static_cast<std::uint8_t>(random() % 7);
  if (wanted()) filter.outcome = one().outcome;
  if (wanted()) filter.method = one().method;
  if (wanted()) filter.client = ClientNet{.net = one().client_net, .family = one().client_family};
  if (random() % 8 == 0) filter.key = random();
  return filter;
}

TEST(RecordBlock, SelectsWhatTheFilterMatches) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const auto records = traffic(4, {.seed = seed, .keys = 50, .routes = 4});
  const RecordBlock block = encode_block(records);
  std::size_t found = 0;
  for (int round = 0; round < 500; ++round) {
    const RecordFilter filter = random_filter(random, records);
    std::vector<LoggedRecord> wanted;
    for (const LoggedRecord& one : records) {
      if (filter.matches(one.record)) wanted.push_back(one);
    }
    found += wanted.size();
    expect_same(selected(block, filter), wanted);
  }
  EXPECT_GT(found, 100u);
}

TEST(RecordBlock, FindsEachIdAndOnlyThat) {
  const auto records = traffic(2);
  const RecordBlock block = encode_block(records);
  OwnParts parts(block.parts);
  auto reader = RecordBlockReader::open(block.head, parts);
  ASSERT_TRUE(reader.has_value());
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < records.size(); i += 7) {
    ASSERT_TRUE(reader->select_id(records[i].record.request_id, rows));
    EXPECT_EQ(rows, std::vector{i});
  }
  ASSERT_TRUE(reader->select_id(12345, rows));
  EXPECT_TRUE(rows.empty());
}

TEST(RecordBlock, AKeyThatIsNotThereCostsNoMoreThanTheCallers) {
  const auto records = traffic(8);
  const RecordBlock block = encode_block(records);
  OwnParts parts(block.parts);
  auto reader = RecordBlockReader::open(block.head, parts);
  std::vector<std::uint32_t> rows;
  ASSERT_TRUE(reader && reader->select({.key = 1}, rows));
  EXPECT_TRUE(rows.empty());
  EXPECT_LT(parts.reads, block.parts.size() / 2);
}

// Which byte of what it is cannot matter: the checksum is the keeper's. It must be noticed or harmless.
TEST(RecordBlock, AHeadChangedAnywhereIsReadWithoutHarm) {
  const auto records = traffic(1, {.keys = 5, .routes = 2, .traced = 0.5});
  const RecordBlock block = encode_block(records);
  std::size_t noticed = 0;
  for (std::size_t at = 0; at < block.head.size(); ++at) {
    for (const int change : {1, 0x80, 0xff}) {
      std::string head = block.head;
      head[at] = static_cast<char>(head[at] ^ change);
      OwnParts parts(block.parts);
      auto reader = RecordBlockReader::open(head, parts);
      std::vector<std::uint32_t> rows;
      std::vector<LoggedRecord> read;
      const bool sound = reader && reader->select_all(rows) && reader->read(rows, read);
      noticed += sound ? 0u : 1u;
    }
    OwnParts parts(block.parts);
    EXPECT_FALSE(RecordBlockReader::open(std::string_view(block.head).substr(0, at), parts).has_value());
  }
  EXPECT_GT(noticed, block.head.size() / 10);
}

}  // namespace
}  // namespace tollgate::core
