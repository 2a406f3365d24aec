#include "base/text_cursor.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "base/random.h"

namespace tollgate {
namespace {

std::string hex(std::uint64_t value) {
  std::string out = "before ";
  append_text(out, 16, [&](TextCursor& text) { text.put_hex64(value); });
  return out;
}

std::string printed(std::uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof(text), "before %016llx", static_cast<unsigned long long>(value));
  return text;
}

TEST(TextCursor, WritesNumbersInSixteenDigitsAsPrintfDoes) {
  for (unsigned digit = 0; digit < 16; ++digit) {
    for (unsigned place = 0; place < 64; place += 4)
      EXPECT_EQ(hex(std::uint64_t{digit} << place), printed(std::uint64_t{digit} << place));
  }
  EXPECT_EQ(hex(~std::uint64_t{0}), printed(~std::uint64_t{0}));
  for (int i = 0; i < 1'000; ++i) {
    const std::uint64_t value = random_u64();
    EXPECT_EQ(hex(value), printed(value));
  }
}

TEST(TextCursor, WritesPiecesBehindEachOtherAndNothingBehindThem) {
  std::string out = "a";
  append_text(out, 100,
              [](TextCursor& text) { text.put("b").put("").put_number(0).put(" ").put_number(~std::uint64_t{0}); });
  EXPECT_EQ(out, "ab0 18446744073709551615");
}

TEST(TextCursorDeathTest, EndsTheProgramThatWritesMoreThanItSaid) {
  std::string out(64, ' ');  // room enough: it is the promise that counts
  out.clear();
  EXPECT_DEATH(append_text(out, 3, [](TextCursor& text) { text.put("four"); }), "");
}

}  // namespace
}  // namespace tollgate
