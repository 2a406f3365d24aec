// The forms in which things stand in files: read as they were written, and damage in them noticed.
#include <gtest/gtest.h>

#include <random>

#include "stores/archive/archive_fixture_test.h"
#include "stores/archive/archive_frames.h"
#include "stores/archive/packed_block.h"
#include "stores/archive/request_cursor.h"
#include "stores/archive/sealed_file.h"
#include "stores/archive/sealed_footer.h"
#include "tests/support/traffic.h"

namespace tollgate::stores {
namespace {

std::string two_frames() {
  std::string bytes;
  append_archive_frame(bytes, ArchiveFrameType::rows, "the first");
  append_archive_frame(bytes, ArchiveFrameType::block, "the second one");
  return bytes;
}

TEST(ArchiveFrames, AreReadAsTheyWereWritten) {
  const std::string bytes = two_frames();
  ArchiveFrames frames(bytes, 0);
  const auto first = frames.next();
  ASSERT_TRUE(first && first->has_value());
  EXPECT_EQ((*first)->type, ArchiveFrameType::rows);
  EXPECT_EQ((*first)->payload, "the first");
  const auto second = frames.next();
  ASSERT_TRUE(second && second->has_value());
  EXPECT_EQ((*second)->payload, "the second one");
  EXPECT_EQ(frames.offset(), bytes.size());
  EXPECT_FALSE(frames.next());
}

TEST(ArchiveFrames, AChangedByteCostsItsFrameAndNoOther) {
  const std::string bytes = two_frames();
  const std::size_t first_size = kArchiveFrameHead + 9;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x21);
    ArchiveFrames frames(damaged, 0);
    std::vector<std::string> sound;
    std::size_t damaged_bytes = 0;
    while (const auto item = frames.next()) {
      if (item->has_value()) sound.emplace_back((*item)->payload);
      if (!item->has_value()) damaged_bytes += item->error().bytes;
    }
    EXPECT_EQ(sound, std::vector<std::string>{at < first_size ? "the second one" : "the first"}) << at;
    EXPECT_EQ(damaged_bytes, at < first_size ? first_size : bytes.size() - first_size) << at;
  }
}

TEST(PackedBlock, ChangedAnywhereIsReadWithoutHarm) {
  std::vector<LoggedRecord> records;
  for (std::uint64_t i = 0; i < 100; ++i) records.push_back(numbered(1 + i % 2, i));
  Compressor compressor(3);
  const std::string payload = pack_block(core::encode_block(records), compressor);
  const auto read = [](std::string_view bytes) {
    LoadedBlock block;
    std::vector<std::uint32_t> rows;
    std::vector<LoggedRecord> got;
    const bool sound = block.load(bytes) && block.reader().select_all(rows) && block.reader().read(rows, got);
    return sound ? got : std::vector<LoggedRecord>();
  };
  ArchiveFixture::expect_equal(read(payload), records);
  for (std::size_t at = 0; at < payload.size(); ++at) {
    std::string damaged = payload;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    [[maybe_unused]] const auto whatever = read(damaged);
    EXPECT_TRUE(read(payload.substr(0, at)).empty()) << at;
  }
}

// The bar is the promise; what it comes to is the benchmark's to say.
TEST(PackedBlock, TrafficTakesAtMostFortyBytesARecord) {
  testing::Traffic traffic({.seed = 7});
  std::vector<LoggedRecord> records;
  for (int i = 0; i < 16; ++i) {
    const auto batch = traffic.next_batch(512);
    for (const core::DecisionRecord& record : batch.records) records.push_back({batch.ring_id, record});
  }
  std::ranges::sort(records, {}, &RecordPosition::of);
  Compressor compressor(3);
  const std::string payload = pack_block(core::encode_block(records), compressor);
  const std::size_t bytes_a_record = payload.size() / records.size();
  EXPECT_LE(bytes_a_record, 40u);
}

SealedFooter some_footer() {
  return {.sealed_ns = 1'790'000'000'000'000'000,
          .damaged = 3,
          .blocks = {{.place = {.offset = 16, .bytes = 1000}, .records = 8192, .first_ns = -5, .last_ns = 17},
                     {.place = {.offset = 1016, .bytes = 70'000}, .records = 1, .first_ns = 17, .last_ns = 1ll << 62}},
          .index = {{.offset = 71'016, .bytes = 9}},
          .rings = {{.ring_id = ~std::uint64_t{0}, .next_sequence = 12}, {.ring_id = 1, .next_sequence = 0}}};
}

TEST(SealedFooter, IsReadAsItWasWritten) {
  const std::string payload = encode_footer(some_footer());
  EXPECT_EQ(decode_footer(payload), some_footer());
  EXPECT_EQ(some_footer().records(), 8193u);
  for (std::size_t length = 0; length < payload.size(); ++length) {
    EXPECT_EQ(decode_footer(payload.substr(0, length)), std::nullopt) << length;
  }
  EXPECT_EQ(decode_footer(payload + '\0'), std::nullopt);
}

TEST(SealedFooter, ItsTrailerSaysHowLongItIs) {
  const std::string bytes = footer_and_trailer(some_footer());
  const auto length = read_trailer(std::string_view(bytes).substr(bytes.size() - kSealedTrailerBytes));
  EXPECT_EQ(length, bytes.size() - kSealedTrailerBytes);
  EXPECT_EQ(read_trailer("no trailer.."), std::nullopt);
  EXPECT_EQ(read_trailer(""), std::nullopt);
}

TEST(RequestCursor, GoesOnWhereItSaysAndTakesNothingElse) {
  const RecordPosition position{.time_ns = -17, .ring_id = ~std::uint64_t{0}, .sequence = 12};
  const std::string text = encode_cursor(position);
  ASSERT_TRUE(decode_cursor(text).has_value());
  EXPECT_EQ(*decode_cursor(text), position);
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string other = text;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    accepted += decode_cursor(other).has_value() ? 1u : 0u;
    EXPECT_FALSE(decode_cursor(text.substr(0, at)).has_value());
  }
  EXPECT_EQ(accepted, 0u);
  const auto refused = decode_cursor("nonsense");
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().is(codes::invalid_parameter));
  EXPECT_NE(refused.error().detail().find("cursor"), std::string::npos);
}

}  // namespace
}  // namespace tollgate::stores
