#include "core/usage/frames.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <random>

namespace tollgate::core {
namespace {

DecisionRecord record_numbered(std::uint64_t sequence) {
  DecisionRecord record;
  record.sequence = sequence;
  record.request_id = sequence * 0x9e3779b97f4a7c15;
  record.status = 200;
  return record;
}

std::string three_records() {
  std::string bytes;
  for (std::uint64_t i = 0; i < 3; ++i) append_frame(bytes, DecisionFrame{77, record_numbered(i)});
  return bytes;
}

bool same(const DecisionRecord& a, const DecisionRecord& b) {
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

TEST(Frames, EveryTypeComesBackAsItWasWritten) {
  std::string bytes;
  const NameDefinition name{NameKind::route, name_ref(NameKind::route, "orders"), "orders"};
  append_frame(bytes, DecisionFrame{5, record_numbered(9)});
  append_frame(bytes, name);
  append_frame(bytes, RingPosition{5, 10});
  append_frame(bytes, BatchFrame{1, 2, 3, 4, 5});

  std::string_view rest = bytes;
  const auto next = [&] {
    auto read = read_frame(rest);
    EXPECT_TRUE(read.has_value());
    rest.remove_prefix(read->bytes);
    return read->frame;
  };
  const auto decision = std::get<DecisionFrame>(next());
  EXPECT_EQ(decision.ring_id, 5u);
  EXPECT_TRUE(same(decision.record, record_numbered(9)));
  EXPECT_EQ(std::get<NameDefinition>(next()), name);
  EXPECT_EQ(std::get<RingPosition>(next()), (RingPosition{5, 10}));
  EXPECT_EQ(std::get<BatchFrame>(next()).records, 5u);
  EXPECT_TRUE(rest.empty());
}

TEST(Frames, ADecisionTakes145Bytes) {
  std::string bytes;
  append_frame(bytes, DecisionFrame{});
  EXPECT_EQ(bytes.size(), 145u);
  EXPECT_EQ(kDecisionFrameBytes, 145u);
}

TEST(Frames, TheShortWayToRecordsAgreesWithTheLongOneOnEveryByte) {
  const std::vector records = {record_numbered(5), record_numbered(6), record_numbered(9)};
  std::string bytes;
  append_frame(bytes, 77, records);
  std::vector<LoggedRecord> read;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x21);
    ASSERT_EQ(read_records_frame(changed, read) > 0, read_frame(changed).has_value()) << at;
    ASSERT_EQ(read_records_frame(std::string_view(bytes).substr(0, at), read), 0u) << at;
    ASSERT_TRUE(read.empty()) << at;
  }
  ASSERT_EQ(read_records_frame(bytes + "more", read), bytes.size());
  const auto long_way = std::get<RecordsFrame>(read_frame(bytes)->frame).records;
  ASSERT_TRUE(read.size() == records.size() && long_way.size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_TRUE(read[i].ring_id == 77 && same(read[i].record, records[i])) << i;
    EXPECT_TRUE(long_way[i].ring_id == 77 && same(long_way[i].record, records[i])) << i;
  }
}

TEST(Frames, TheLongestFrameOfRecordsIsTheLongestOfASegment) {
  DecisionRecord like_no_other;
  std::memset(static_cast<void*>(&like_no_other), 0x5a, sizeof(like_no_other));
  std::vector records(kRecordsInFrameMax, like_no_other);
  for (std::size_t i = 0; i < records.size(); i += 2) std::memset(static_cast<void*>(&records[i]), 0xa5, 128);
  std::string bytes;
  append_frame(bytes, 77, records);
  EXPECT_EQ(bytes.size(), kFrameBytesMax);
  EXPECT_EQ(read_frame(bytes)->bytes, bytes.size());
}

TEST(Frames, ATruncatedFrameIsIncompleteAtEveryLength) {
  std::string bytes;
  append_frame(bytes, DecisionFrame{5, record_numbered(9)});
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(read_frame(std::string_view(bytes).substr(0, length)).error(), FrameFault::incomplete);
  }
}

TEST(Frames, NoSingleChangedBitIsTakenForSound) {
  const std::string sound = three_records();
  for (std::size_t at = 0; at < kDecisionFrameBytes; ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = sound;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      EXPECT_FALSE(read_frame(bytes)) << at << " bit " << bit;
      EXPECT_EQ(find_frame(bytes, 0), kDecisionFrameBytes);
    }
  }
}

TEST(Frames, ANameThatDoesNotMatchItsReferenceIsRefused) {
  std::string bytes;
  append_frame(bytes, NameDefinition{NameKind::route, 12345, "orders"});
  EXPECT_EQ(read_frame(bytes).error(), FrameFault::bad_payload);
}

RC_GTEST_PROP(Frames, ArbitraryBytesNeverReadBeyondThemselves, (const std::string& bytes)) {
  if (const auto at = find_frame(bytes, 0)) {
    RC_ASSERT(*at + read_frame(std::string_view(bytes).substr(*at))->bytes <= bytes.size());
  }
}

}  // namespace
}  // namespace tollgate::core
