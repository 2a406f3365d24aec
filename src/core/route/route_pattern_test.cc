#include "core/route/route_pattern.h"

#include <gtest/gtest.h>

#include "base/str.h"

namespace tollgate::core {
namespace {

TEST(PathPattern, KnowsLiteralsWildcardsAndTheRest) {
  const auto pattern = parse_path_pattern("/api/v1.2/*/{order-id}/a%2Fb/**");
  ASSERT_TRUE(pattern) << pattern.error().detail();
  EXPECT_EQ(*pattern, (PathPattern{{SegmentKind::literal, "api"},
                                   {SegmentKind::literal, "v1.2"},
                                   {SegmentKind::one, ""},
                                   {SegmentKind::one, ""},
                                   {SegmentKind::literal, "a%2Fb"},
                                   {SegmentKind::rest, ""}}));
  EXPECT_TRUE(parse_path_pattern("/")->empty());
  EXPECT_EQ(example_path(*pattern), "/api/v1.2/x/x/a%2Fb/x");
  EXPECT_EQ(example_path({}), "/");
}

TEST(PathPattern, RefusesWhatNoNormalisedPathCouldMatch) {
  const std::vector<std::string> malformed = {
      "",       "api",   "//",    "/a//b", "/a/",   "/./a", "/a/..", "/a/**/b", "/a*",    "/***", "/a/{}",
      "/{a b}", "/x{a}", "/a?b",  "/a#b",  "/%7e",  "/%7E", "/%2f",  "/%2",     "/%zz",   "/a b", "/caf\xc3\xa9",
      "/a\\b",  "/a\tb", "/a\"b", "/a/{b", "/a/b}", "/**/", "/%",    "/a|b",    "/%2e%2e"};
  for (const std::string& text : malformed) EXPECT_FALSE(parse_path_pattern(text)) << text;
}

TEST(PathPattern, RefusesMoreSegmentsThanTheSearchHasRoomFor) {
  std::string path;
  for (std::size_t i = 0; i < kMaxPatternSegments; ++i) path += "/a";
  EXPECT_TRUE(parse_path_pattern(path));
  EXPECT_FALSE(parse_path_pattern(path + "/a"));
}

TEST(HostPattern, KnowsExactAndSuffix) {
  EXPECT_EQ(parse_host_pattern("api.example.com")->kind, HostKind::exact);
  EXPECT_EQ(parse_host_pattern("*.example.com")->kind, HostKind::suffix);
  EXPECT_EQ(parse_host_pattern("*.example.com")->text, "example.com");
  EXPECT_EQ(parse_host_pattern("10.0.0.1")->kind, HostKind::exact);
  EXPECT_EQ(parse_host_pattern("[::1]")->kind, HostKind::exact);
}

TEST(HostPattern, RefusesWhatNoHostFieldCouldCarry) {
  for (const std::string_view text : {"", "*", "*.", "*.*.a", "a.*.b", "API.com", "a..b", ".a", "a.", "a:80", "-a.com",
                                      "a-.com", "http://a", "a/b", "::1", "[::1", "[zz::]", "*.[::1]", "a b"}) {
    EXPECT_FALSE(parse_host_pattern(text)) << text;
  }
  EXPECT_FALSE(parse_host_pattern(std::string(64, 'a')));
}

}  // namespace
}  // namespace tollgate::core
