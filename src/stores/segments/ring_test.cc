#include "stores/segments/ring.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "base/crc.h"
#include "base/file.h"
#include "stores/segments/fakes_test.h"
#include "tests/support/temp_dir.h"

namespace tollgate::stores {
namespace {

using testing::TempDir;

std::unique_ptr<Ring> open_ring(const TempDir& dir, std::uint32_t capacity = 8) {
  auto ring = Ring::open(system_io(), dir.file("ring-0.tgr"), capacity);
  TG_ASSERT(ring.has_value());
  return *std::move(ring);
}

void append(Ring& ring, std::uint64_t number) {
  core::DecisionRecord record = numbered_record(number);
  ring.append(record);
}

TEST(Ring, WhatWasNotTakenOutIsThereAfterReopeningUnderTheSameIdentity) {
  const TempDir dir;
  std::uint64_t id = 0;
  {
    const auto ring = open_ring(dir);
    id = ring->id();
    for (std::uint64_t i = 0; i < 5; ++i) append(*ring, i);
    ring->release(2);
  }
  const auto ring = open_ring(dir);
  EXPECT_EQ(ring->id(), id);
  EXPECT_EQ(ring->tail(), 2u);
  EXPECT_EQ(ring->head(), 5u);
  for (std::uint64_t i = 2; i < 5; ++i) {
    ASSERT_NE(ring->at(i), nullptr);
    EXPECT_EQ(ring->at(i)->request_id, i);
    EXPECT_TRUE(is_numbered(*ring->at(i)));
  }
  append(*ring, 5);
  EXPECT_EQ(ring->at(5)->sequence, 5u);
}

TEST(Ring, AFullRingDropsTheNewestAndCountsThemAcrossRestarts) {
  const TempDir dir;
  {
    const auto ring = open_ring(dir);
    for (std::uint64_t i = 0; i < 11; ++i) append(*ring, i);
    EXPECT_EQ(ring->head(), 8u);
    EXPECT_EQ(ring->dropped(), 3u);
    ring->release(1);
    append(*ring, 11);
    EXPECT_EQ(ring->head(), 9u);
  }
  const auto ring = open_ring(dir);
  EXPECT_EQ(ring->head(), 9u);
  EXPECT_EQ(ring->dropped(), 3u);
  EXPECT_EQ(ring->at(8)->request_id, 11u);
}

TEST(Ring, AFileThatIsNoRingIsPutAsideForANewOneWithAnotherIdentity) {
  const TempDir dir;
  const std::uint64_t id = open_ring(dir)->id();
  auto bytes = read_file(dir.file("ring-0.tgr"));
  ASSERT_TRUE(bytes.has_value());
  (*bytes)[17] = static_cast<char>((*bytes)[17] ^ 1);
  ASSERT_TRUE(write_file_atomic(dir.file("ring-0.tgr"), *bytes, 0600));
  EXPECT_NE(open_ring(dir)->id(), id);
  EXPECT_EQ(read_file(dir.file("ring-0.tgr.damaged")).value(), *bytes);
}

TEST(Ring, IsNotPutAsideWhenItCannotBeReadForAMoment) {
  const TempDir dir;
  const std::uint64_t id = open_ring(dir)->id();
  FaultyIo io;
  io.make_unreadable(dir.file("ring-0.tgr"), 0);
  const auto unread = Ring::open(io, dir.file("ring-0.tgr"), 8);
  ASSERT_FALSE(unread.has_value());
  EXPECT_TRUE(unread.error().is(codes::data_dir_unusable));
  EXPECT_EQ(open_ring(dir)->id(), id);
}

TEST(Ring, IsNotReplacedWhenAnotherVersionWroteIt) {
  const TempDir dir;
  open_ring(dir);
  auto bytes = read_file(dir.file("ring-0.tgr"));
  ASSERT_TRUE(bytes.has_value());
  (*bytes)[8] = static_cast<char>((*bytes)[8] + 1);
  const std::uint32_t sum = crc32c(std::string_view(*bytes).substr(0, 24));
  std::memcpy(bytes->data() + 24, &sum, sizeof(sum));
  ASSERT_TRUE(write_file_atomic(dir.file("ring-0.tgr"), *bytes, 0600));
  const auto opened = Ring::open(system_io(), dir.file("ring-0.tgr"));
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(&opened.error().code(), &codes::data_dir_unusable);
  EXPECT_EQ(read_file(dir.file("ring-0.tgr")).value(), *bytes);
}

TEST(Ring, KeepsItsShipStateAcrossRestarts) {
  const TempDir dir;
  const ShipState states[] = {{.cursor = 7, .lost = 2, .acked = 5}, {.cursor = 8, .lost = 2, .acked = 8}};
  EXPECT_EQ(open_ring(dir)->ship_state(), ShipState{});
  for (const ShipState& state : states) {
    open_ring(dir)->save_ship_state(state);
    EXPECT_EQ(open_ring(dir)->ship_state(), state);
  }
}

TEST(Ring, TakesUpWhatSegmentsSayAndNeverUsesASequenceTwice) {
  const TempDir dir;
  {
    const auto ring = open_ring(dir);
    for (std::uint64_t i = 0; i < 6; ++i) append(*ring, i);
    ring->reconcile(4);  // a kill after the write, before the release
    EXPECT_EQ(ring->tail(), 4u);
    ring->reconcile(2);  // a power cut that took the segment's end: the slots are still there
    EXPECT_EQ(ring->tail(), 2u);
    EXPECT_NE(ring->at(2), nullptr);
    ring->reconcile(20);  // a power cut that took the ring's newest page
    EXPECT_EQ(ring->tail(), 20u);
    EXPECT_EQ(ring->head(), 20u);
    append(*ring, 20);
    EXPECT_EQ(ring->at(20)->sequence, 20u);
  }
  EXPECT_EQ(open_ring(dir)->head(), 21u);
}

TEST(Ring, AnEmptySlotIsNotTakenForTheFirstRecord) {
  const TempDir dir;
  const auto ring = open_ring(dir);
  EXPECT_EQ(ring->at(0), nullptr);  // what a power cut leaves that took the slot and not the head
  append(*ring, 0);
  EXPECT_NE(ring->at(0), nullptr);
}

TEST(Ring, ASlotThatAPowerCutTookIsNotTakenForItsRecord) {
  const TempDir dir;
  const auto ring = open_ring(dir);
  for (std::uint64_t i = 0; i < 3; ++i) append(*ring, i);
  ring->reconcile(0);
  EXPECT_EQ(ring->at(8), nullptr);  // the slot holds sequence 0
}

TEST(Ring, OneThreadAppendsWhileAnotherTakesOutAndNoneIsLostOrTorn) {
  const TempDir dir;
  const auto ring = open_ring(dir, 64);
  constexpr std::uint64_t kRecords = 200'000;
  std::atomic<bool> done{false};
  std::thread worker([&] {
    for (std::uint64_t i = 0; i < kRecords; ++i) append(*ring, i);
    done = true;
  });
  std::uint64_t taken = 0;
  while (!done || ring->tail() < ring->head()) {
    const std::uint64_t head = ring->head();
    for (; taken < head; ++taken) {
      const core::DecisionRecord* record = ring->at(taken);
      if (record == nullptr || !is_numbered(*record)) ADD_FAILURE() << "record " << taken;
    }
    ring->release(head);
  }
  worker.join();
  EXPECT_EQ(taken + ring->dropped(), kRecords);
}

}  // namespace
}  // namespace tollgate::stores
