#include "core/usage/packed_rows.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>

#include "core/usage/random_records_test.h"

namespace tollgate::core {
namespace {

struct Rows {
  std::uint64_t ring_id = 0;
  std::vector<DecisionRecord> records;
};
std::string packed(const Rows& rows) {
  std::string bytes;
  append_rows(bytes, rows.ring_id, rows.records);
  return bytes;
}
void expect_rows(std::string_view bytes, std::string_view left, const Rows& rows) {
  std::vector<LoggedRecord> read(1);
  ASSERT_TRUE(take_rows(bytes, read));
  EXPECT_EQ(bytes, left);
  ASSERT_EQ(read.size(), 1 + rows.records.size());
  for (std::size_t i = 0; i < rows.records.size(); ++i) {
    EXPECT_EQ(read[1 + i].ring_id, rows.ring_id);
    EXPECT_EQ(std::memcmp(&read[1 + i].record, &rows.records[i], sizeof(DecisionRecord)), 0) << i;
  }
}

// Whether they are like their neighbours or not, and whatever their sequences do.
TEST(PackedRows, AreExactForAnyRecord) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    Rows rows{.ring_id = random(), .records = std::vector<DecisionRecord>(1 + random() % 50)};
    for (DecisionRecord& record : rows.records) {
      if (random() % 4 > 0) record = rows.records[random() % rows.records.size()];
      std::array<std::uint32_t, sizeof(record) / 4> words;
      std::memcpy(words.data(), &record, sizeof(record));
      for (std::uint64_t changes = random() % 8; changes > 0; --changes) {
        words[random() % words.size()] = random() % 2 == 0 ? ~0u : static_cast<std::uint32_t>(random());
      }
      std::memcpy(static_cast<void*>(&record), words.data(), sizeof(record));
    }
    expect_rows(packed(rows), "", rows);
  }
}

TEST(PackedRows, AreReadAsTheyWereWrittenAndDamageIsHarmless) {
  std::mt19937_64 random(1);
  Rows traffic{.ring_id = 7, .records = {}};
  for (std::uint64_t i = 0; i < 50; ++i) {
    traffic.records.push_back(random_record(random));
    traffic.records.back().sequence = 100 + i;
  }
  const std::string payload = packed(traffic);
  EXPECT_LT(payload.size(), 50 * sizeof(DecisionRecord) / 2);
  expect_rows(payload + "more", "more", traffic);
  std::vector<LoggedRecord> rows(1);
  for (std::size_t at = 0; at < payload.size(); ++at) {
    std::string damaged = payload;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    std::string_view bytes = damaged;
    rows.resize(1);
    [[maybe_unused]] const bool whatever = take_rows(bytes, rows);
    rows.resize(1);
    bytes = std::string_view(payload).substr(0, at);
    EXPECT_FALSE(take_rows(bytes, rows)) << at;
    EXPECT_TRUE(bytes.size() == at && rows.size() == 1);
  }
}

}  // namespace
}  // namespace tollgate::core
