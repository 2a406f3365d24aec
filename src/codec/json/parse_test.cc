#include "codec/json/parse.h"

#include <gtest/gtest.h>

#include <limits>

#include <rapidcheck/gtest.h>

#include "codec/json/writer.h"

namespace tollgate::codec {
namespace {

using namespace std::string_literals;

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

FieldError fault_of(std::string_view text, const JsonLimits& limits = {}) {
  const auto parsed = parse_json(text, limits);
  if (parsed) return {"", "was accepted"};
  EXPECT_TRUE(parsed.error().is(codes::invalid_document));
  return parsed.error().fields().at(0);
}

TEST(JsonParse, TakesEveryValidForm) {
  const std::vector<std::string> valid = {"null",
                                          "true",
                                          " false ",
                                          "\t0\r\n",
                                          "-0",
                                          "1",
                                          "-1",
                                          "1.5",
                                          "1e10",
                                          "1E+10",
                                          "1e-10",
                                          "0.1e1",
                                          "-0.0",
                                          "123456789",
                                          "18446744073709551615",
                                          "-9223372036854775808",
                                          R"("")",
                                          R"("a")",
                                          R"("\"\\\/\b\f\n\r\t")",
                                          R"("\u0041")",
                                          R"("\u0000")",
                                          R"("\ud83d\ude00")",
                                          R"("\uD834\udd1e")",
                                          R"("é€😀")",
                                          "\"\x7f\"",
                                          "\"\xf4\x8f\xbf\xbf\"",
                                          "\"\xe2\x80\xa8\"",
                                          R"("\uFFFF")",
                                          "[]",
                                          "[ ]",
                                          "[1]",
                                          "[1,2 , 3]",
                                          "[[]]",
                                          "[[],{}]",
                                          "[null,true,false]",
                                          "{}",
                                          "{ }",
                                          R"({"a":1})",
                                          R"({"a":{"b":[1]}})",
                                          R"({"":0})",
                                          R"({"a":1,"A":2})",
                                          R"({ "a" : 1 , "b" : 2 })",
                                          R"({"a\u0062":1})",
                                          R"([1,"a",{"b":null}])",
                                          "1.7976931348623157e308",
                                          "5e-324",
                                          R"(["\\u"])",
                                          "[\n1\n]"};
  for (const std::string& text : valid) EXPECT_TRUE(parse_json(text).has_value()) << text;
}

TEST(JsonParse, RefusesEveryInvalidForm) {
  const std::vector<std::string> invalid = {
      // nothing, and things that are no value
      "", " ", "nul", "nulll", "NULL", "True", "tru", "undefined", "NaN", "Infinity", "-Infinity", "a", "'a'", "\"",
      "\"a",
      // numbers
      "+1", "01", "-01", "-", "1.", ".1", "1.e1", "1e", "1e+", "1E-", "0x10", "1_000", "1 2", "--1", "-a", "1a", "0e",
      "1.2.3", "1e400", "-1e400", "٣",
      // strings
      "\"\n\"", "\"\t\"", "\"\x01\""s, "\"\0\""s, R"("\a")", R"("\x41")", R"("\u")", R"("\u12")", R"("\u12g4")",
      R"("\)", R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("\ud800x")", R"("\ud800\n")", R"("\U0041")",
      // UTF-8: bare continuation, overlong, surrogate, beyond the last code point, cut short
      "\"\x80\"", "\"\xc0\xaf\"", "\"\xe0\x80\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
      "\"\xf5\x80\x80\x80\"", "\"\xe2\x82\"", "\"\xff\"", "\"\xfe\"", "\xef\xbb\xbf{}", "{\"\xff\":1}",
      // arrays
      "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1}", "[\"a\"", "[1]]", "[:]", "[1:2]", "(1)",
      // objects
      "{", "}", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a":1,)", R"({"a":1,})", R"({,"a":1})", R"({"a" 1})",
      R"({"a",1})", R"({a:1})", R"({'a':1})", R"({1:1})", R"({null:1})", R"({"a"::1})", R"({"a":1 "b":2})",
      R"({"a":1]})", R"({"a":})", "{:1}",
      // more than one document, comments, other white space
      "{}{}", "1 1", "null x", "{} //", "/**/1", "//\n1", "# a\n1", "[1]\0"s, "\f1", "\v1",
      "\xc2\xa0"
      "1",
      "[1]\x00[2]"s,
      // the same name twice
      R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"({"a":1,"\u0061":2})", R"([{"x":{"a":1,"a":2}}])"};
  for (const std::string& text : invalid) EXPECT_FALSE(parse_json(text).has_value()) << text;
}

TEST(JsonParse, EveryPrefixOfADocumentIsRefused) {
  const std::string text = R"({"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",{"b":null}],"c":true})";
  ASSERT_TRUE(parse_json(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_json(std::string_view(text).substr(0, size))) << size;
  }
}

TEST(JsonParse, NumbersKeepTheirTypeAndTheirLastDigit) {
  const auto parsed =
      parse_json(R"([18446744073709551615, -9223372036854775808, 0, 0.1, 1e2, 123456789012345678901234567890,
                                     9007199254740993.0, 2.2250738585072011e-308])");
  ASSERT_TRUE(parsed);
  const JsonArray& items = *parsed->array();
  EXPECT_EQ(*items[0].get_if<std::uint64_t>(), 18446744073709551615u);
  EXPECT_EQ(*items[1].get_if<std::int64_t>(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(*items[2].get_if<std::uint64_t>(), 0u);
  EXPECT_EQ(*items[3].get_if<double>(), 0.1);
  EXPECT_EQ(*items[4].get_if<double>(), 100.0);
  EXPECT_EQ(*items[5].get_if<double>(), 123456789012345678901234567890.0);
  EXPECT_EQ(*items[6].get_if<double>(), 9007199254740992.0);
  EXPECT_EQ(*items[7].get_if<double>(), 2.2250738585072011e-308);
}

TEST(JsonParse, EscapesBecomeTheirCharacters) {
  const auto parsed = parse_json(R"("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000")");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed->get_if<std::string>(), "\"\\/\b\f\n\r\t\xc3\xa9\xf0\x9f\x98\x80\0"s);
}

TEST(JsonParse, FaultsSayWhereInTheDocumentAndAtWhichByte) {
  EXPECT_EQ(fault_of(R"({"keys":[{"name":"a"},{"name":1,"name":2}]})").pointer, "/keys/1/name");
  EXPECT_EQ(fault_of(R"({"a/b":{"c~d":[0,1,x]}})").pointer, "/a~1b/c~0d/2");
  const FieldError fault = fault_of(R"({"a": 1} x)");
  EXPECT_EQ(fault.pointer, "");
  EXPECT_NE(fault.detail.find("at byte 9"), std::string::npos) << fault.detail;
}

TEST(JsonParse, DepthAndSizeAreBounded) {
  EXPECT_TRUE(parse_json(nested(32)));
  EXPECT_FALSE(parse_json(nested(33)));
  EXPECT_FALSE(parse_json(nested(500'000)));
  EXPECT_TRUE(parse_json("[1]", {.max_bytes = 3}));
  EXPECT_EQ(fault_of("[1] ", {.max_bytes = 3}).detail, "larger than 3 bytes");
  EXPECT_FALSE(parse_json("[]", {.max_depth = 0}));
  EXPECT_TRUE(parse_json("1", {.max_depth = 0}));
}

TEST(JsonParse, DuplicateNamesAreFoundInLargeObjectsInLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 60'000; ++i) str::append(text, "\"n", i, "\":0,");
  EXPECT_TRUE(parse_json(text + "\"last\":0}"));
  EXPECT_EQ(fault_of(text + "\"n3\":0}").pointer, "/n3");
  EXPECT_EQ(fault_of(text + "\"n59999\":0}").pointer, "/n59999");
}

RC_GTEST_PROP(JsonParse, ReadsBackEveryStringThatTheWriterWrites, (const std::string& bytes)) {
  std::string out;
  append_json_string(out, bytes);
  const auto parsed = parse_json(out);
  RC_ASSERT(parsed.has_value());
  if (str::is_valid_utf8(bytes)) RC_ASSERT(*parsed->get_if<std::string>() == bytes);
}

RC_GTEST_PROP(JsonParse, ReadsBackEveryDoubleThatTheWriterWrites, (double number)) {
  std::string out;
  JsonWriter(out).value(number);
  const auto parsed = parse_json(out);
  RC_ASSERT(parsed.has_value());
  const auto* whole = parsed->get_if<std::uint64_t>();
  const auto* negative = parsed->get_if<std::int64_t>();
  RC_ASSERT((whole      ? static_cast<double>(*whole)
             : negative ? static_cast<double>(*negative)
                        : *parsed->get_if<double>()) == number);
}

}  // namespace
}  // namespace tollgate::codec
