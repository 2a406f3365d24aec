#include "core/usage/record_batch.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/usage/frames.h"

namespace tollgate::core {
namespace {

RecordBatch three_records() {
  RecordBatch batch{.ring_id = 42, .names = {}, .records = {}, .lost_before = 7};
  batch.names.push_back({NameKind::tier, name_ref(NameKind::tier, "free"), "free"});
  for (std::uint64_t sequence = 10; sequence < 13; ++sequence) {
    DecisionRecord record;
    record.sequence = sequence;
    record.request_id = sequence * 3;
    batch.records.push_back(record);
  }
  return batch;
}

TEST(RecordBatch, ComesBackAsItWasEncoded) {
  const RecordBatch before = three_records();
  const auto after = decode_batch(encode_batch(before));
  ASSERT_TRUE(after.has_value()) << after.error().to_string();
  EXPECT_EQ(after->ring_id, 42u);
  EXPECT_EQ(after->lost_before, 7u);
  EXPECT_EQ(after->names, before.names);
  ASSERT_EQ(after->records.size(), 3u);
  EXPECT_EQ(std::memcmp(after->records.data(), before.records.data(), 3 * sizeof(DecisionRecord)), 0);
}

TEST(RecordBatch, WithoutRecordsOnlyAsks) {
  const auto asked = decode_batch(encode_batch({.ring_id = 9, .names = {}, .records = {}}));
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->ring_id, 9u);
  EXPECT_TRUE(asked->records.empty());
}

TEST(RecordBatch, EveryTruncationAndEveryChangedByteIsRefused) {
  const std::string sound = encode_batch(three_records());
  for (std::size_t at = 0; at < sound.size(); ++at) {
    EXPECT_FALSE(decode_batch(std::string_view(sound).substr(0, at))) << at;
    std::string bytes = sound;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
    EXPECT_FALSE(decode_batch(bytes)) << at;
  }
  EXPECT_FALSE(decode_batch(sound + sound));
}

TEST(RecordBatch, SaysAtWhichByteItIsWrong) {
  std::string bytes = encode_batch(three_records());
  const std::size_t last_record = bytes.size() - kDecisionFrameBytes;
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  const auto refused = decode_batch(bytes);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::invalid_document));
  EXPECT_EQ(refused.error().detail(), "batch, byte " + std::to_string(last_record) + ": the checksum is wrong");
}

TEST(RecordBatch, RefusesGapsAndRecordsOfOtherRings) {
  RecordBatch gap = three_records();
  gap.records[1].sequence = 12;
  EXPECT_FALSE(decode_batch(encode_batch(gap)));

  std::string foreign;
  append_frame(foreign, BatchFrame{.ring_id = 1, .first_sequence = 0, .lost_before = 0, .names = 0, .records = 1});
  append_frame(foreign, DecisionFrame{2, {}});
  EXPECT_FALSE(decode_batch(foreign));
}

TEST(RecordBatch, RefusesAnnouncementsThatAreTooLargeBeforeBelievingThem) {
  std::string bytes;
  append_frame(bytes, BatchFrame{.ring_id = 1, .first_sequence = 0, .lost_before = 0, .names = 0, .records = 5000});
  EXPECT_FALSE(decode_batch(bytes));
}

}  // namespace
}  // namespace tollgate::core
