#include "base/str.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <utility>

namespace tollgate::str {
namespace {

using namespace std::string_literals;

TEST(Cat, JoinsTextCharactersAndNumbers) {
  EXPECT_EQ(cat("port ", 80, ' ', "is "s, std::string_view("taken"), -1, std::uint64_t{18446744073709551615u}),
            "port 80 is taken-118446744073709551615");
  EXPECT_EQ(cat(), "");
}

TEST(ResizeForOverwrite, MakesTheTextAsLongAsWasAskedFor) {
  for (const std::size_t before : {0u, 10u, 442u, 5'000u}) {
    for (const std::size_t size : {0u, 1u, 15u, 16u, 443u, 466u, 100'000u}) {
      std::string text(before, 'x');
      resize_for_overwrite(text, size);
      ASSERT_EQ(text.size(), size) << before;
      EXPECT_EQ(text.substr(0, before), std::string(std::min(before, size), 'x'));
    }
  }
}

TEST(ParseInt, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_int<int>("-12"), -12);
  EXPECT_EQ(parse_int<std::uint8_t>("255"), 255);
  EXPECT_EQ(parse_int<std::uint8_t>("007"), 7);
  for (const char* text : {"", " 1", "1 ", "+1", "0x1", "1.0", "256", "-1", "1e1"}) {
    EXPECT_EQ(parse_int<std::uint8_t>(text), std::nullopt) << text;
  }
}

TEST(Ascii, ComparisonIgnoresCaseOfAsciiLettersOnly) {
  EXPECT_TRUE(iequals("Content-Length", "cONTENT-lENGTH"));
  EXPECT_FALSE(iequals("a", "ab"));
  EXPECT_FALSE(iequals("@[", "`{"));  // 32 apart, as letters are
  EXPECT_FALSE(iequals("\xc3\x84", "\xc3\xa4"));
}

TEST(Trim, RemovesSpacesAndTabsAtBothEnds) {
  EXPECT_EQ(trim(" \t a b \t"), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("\na\n"), "\na\n");
}

TEST(Nearest, FindsTheLikelyWordAndNoUnlikelyOne) {
  const std::vector<std::string_view> words = {"maxBurst", "refillRate", "tokensPerWindow"};
  EXPECT_EQ(nearest("maxbrust", words), "maxBurst");
  EXPECT_EQ(nearest("refilRate", words), "refillRate");
  EXPECT_EQ(nearest("colour", words), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
}

TEST(Utf8, AcceptsExactlyTheEncodingsOfCodePoints) {
  for (const std::string& good :
       {""s, "a"s, "\0"s, "\x7f"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s, "\xee\x80\x80"s,
        "\xef\xbf\xbf"s, "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s, "aé€😀z"s}) {
    EXPECT_TRUE(is_valid_utf8(good)) << to_hex(good);
  }
  for (const std::string& bad :
       {"\x80"s, "\xbf"s, "\xc0\x80"s, "\xc1\xbf"s, "\xc2"s, "\xc2\x41"s, "\xe0\x9f\xbf"s, "\xe2\x82"s, "\xed\xa0\x80"s,
        "\xed\xbf\xbf"s, "\xf0\x8f\xbf\xbf"s, "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xff"s, "a\xe2\x82\x41"s,
        "\xf0\x90\x80"s}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << to_hex(bad);
  }
}

TEST(Hex, IsLowerCase) {
  EXPECT_EQ(to_hex("\x00\x9f\xff"s), "009fff");
}

TEST(Base64url, AgreesWithThePublishedExamples) {
  const std::pair<std::string, std::string> examples[] = {
      {"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(to_base64url(bytes), text);
    EXPECT_EQ(from_base64url(text), bytes);
  }
}

TEST(Base64url, OnlyTheCanonicalFormIsRead) {
  for (const char* text : {"Zg==", "Zh", "Zm9", "Z", "Zm9v=", "Zm 9v", "+/8", "Zm9v\n", "Zm9vY"}) {
    EXPECT_EQ(from_base64url(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(Base64url, EveryTextThatIsReadIsTheTextThatWouldBeWritten, (const std::string& bytes)) {
  RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes);
  if (const auto read = from_base64url(bytes)) RC_ASSERT(to_base64url(*read) == bytes);
}

}  // namespace
}  // namespace tollgate::str
