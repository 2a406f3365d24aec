#include "codec/json/writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace tollgate::codec {
namespace {

using namespace std::string_literals;

std::string in_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("a", 1).key("b").begin_array().value(true).value(nullptr).begin_object().end_object();
  json.end_array().member("c", "x").key("d").begin_array().end_array().end_object();
  EXPECT_EQ(out, R"({"a":1,"b":[true,null,{}],"c":"x","d":[]})");
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "data: ";
  JsonWriter(out).begin_array().value(1).value(2).end_array();
  EXPECT_EQ(out, "data: [1,2]");
}

TEST(JsonWriter, WritesEachType) {
  std::string out;
  JsonWriter(out)
      .begin_array()
      .value(std::numeric_limits<std::uint64_t>::max())
      .value(std::numeric_limits<std::int64_t>::min())
      .value(0.1)
      .value(std::numeric_limits<double>::quiet_NaN())
      .value(std::numeric_limits<double>::infinity())
      .value(std::optional<int>())
      .value(std::optional<int>(3))
      .value("text")
      .value(WallTime(Millis(1'790'000'000'123)))
      .raw(R"({"raw":1})")
      .end_array();
  EXPECT_EQ(
      out,
      R"([18446744073709551615,-9223372036854775808,0.1,null,null,null,3,"text","2026-09-21T14:13:20.123Z",{"raw":1}])");
}

TEST(JsonWriter, ZeroHasNoSign) {
  std::string out;
  JsonWriter(out).begin_array().value(-0.0).value(0.0).value(-0.5).end_array();
  EXPECT_EQ(out, "[0,0,-0.5]");
}

TEST(JsonWriter, EscapesWhatCouldBreakALineATerminalOrAReader) {
  EXPECT_EQ(in_json("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(in_json("\n\r\t\b\x1b[31m\x7f"), R"("\n\r\t\u0008\u001b[31m\u007f")");
  EXPECT_EQ(in_json("\0"s), R"("\u0000")");
  EXPECT_EQ(in_json("\xc2\x9b\xc2\x85"), R"("\u009b\u0085")");
  EXPECT_EQ(in_json("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa"), "\"\\u2028\\u2029\xe2\x80\xaa\"");
  EXPECT_EQ(in_json("é€😀"), "\"é€😀\"");
}

TEST(JsonWriter, ReplacesBytesThatAreNotUtf8) {
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(in_json("a\xff"
                    "b"),
            "\"a" + bad + "b\"");
  EXPECT_EQ(in_json("\xe2\x82"), "\"" + bad + bad + "\"");
  EXPECT_EQ(in_json("\xed\xa0\x80"), "\"" + bad + bad + bad + "\"");
  EXPECT_EQ(in_json("\xc3"), "\"" + bad + "\"");
}

TEST(JsonWriterDeathTest, UseOutOfOrderAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  std::string out;
  EXPECT_DEATH(JsonWriter(out).begin_object().value(1), "assertion failed");
  EXPECT_DEATH(JsonWriter(out).begin_array().key("a"), "assertion failed");
  EXPECT_DEATH(JsonWriter(out).begin_array().end_object(), "assertion failed");
}

}  // namespace
}  // namespace tollgate::codec
