#include "codec/usage/csv.h"

#include <gtest/gtest.h>

namespace tollgate::codec {
namespace {

std::string field(std::string_view text) {
  std::string out;
  CsvWriter(out).field(text);
  return out;
}

TEST(Csv, TextThatASpreadsheetWouldRunGetsAnApostrophe) {
  EXPECT_EQ(field("=cmd|' /C calc'!A0"), "\"'=cmd|' /C calc'!A0\"");
  for (const char first : {'=', '+', '-', '@', '\t', '\r'}) {
    const std::string text = std::string(1, first) + "1";
    EXPECT_EQ(field(text), "\"'" + text + "\"");
  }
  EXPECT_EQ(field("a=b"), "a=b");
}

TEST(Csv, SeparatorsQuotesAndLineEndsStayWithinTheirField) {
  EXPECT_EQ(field("a,b"), "\"a,b\"");
  EXPECT_EQ(field("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(field("two\r\nlines"), "\"two\r\nlines\"");
  EXPECT_EQ(field(""), "");
}

TEST(Csv, ARowIsItsFieldsInOrder) {
  std::string out;
  CsvWriter csv(out);
  csv.field("a").field(7).field(0.25).empty_field().field(WallTime(Seconds(1'790'000'000))).end_row();
  csv.field(std::uint64_t{18'446'744'073'709'551'615u}).field(-3).end_row();
  EXPECT_EQ(out, "a,7,0.25,,2026-09-21T14:13:20.000Z\r\n18446744073709551615,-3\r\n");
}

}  // namespace
}  // namespace tollgate::codec
