#include "runtime/buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>

namespace tollgate::runtime {
namespace {

TEST(Buffer, HoldsWhatAStringWouldWhateverTheOrderOfUse) {
  std::mt19937 random(3);
  Buffer buffer;
  std::string model;
  char next = 'a';
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t count = random() % 3'000;
    if (random() % 2 == 0) {
      const std::span<char> room = buffer.prepare(count + 1);
      ASSERT_GE(room.size(), count + 1);
      std::memset(room.data(), next, count);
      buffer.commit(count);
      model.append(count, next);
      next = next == 'z' ? 'a' : static_cast<char>(next + 1);
    } else {
      const std::size_t taken = std::min(count, model.size());
      buffer.consume(taken);
      model.erase(0, taken);
    }
    ASSERT_EQ(buffer.view(), model);
  }
}

TEST(Buffer, GivesItsStorageBackAndIsUsableAfterwards) {
  Buffer buffer;
  buffer.append("hello");
  EXPECT_EQ(buffer.capacity(), Buffer::kBlockBytes);
  buffer.release();
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_TRUE(buffer.empty());
  buffer.append("again");
  EXPECT_EQ(buffer.view(), "again");
}

TEST(Buffer, DoesNotGrowWhileItsContentIsConsumed) {
  Buffer buffer;
  for (int i = 0; i < 1'000; ++i) {
    const std::size_t room = buffer.prepare(1).size();
    buffer.commit(room);
    buffer.consume(room);
  }
  EXPECT_EQ(buffer.capacity(), Buffer::kBlockBytes);
}

}  // namespace
}  // namespace tollgate::runtime
