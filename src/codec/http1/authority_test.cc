#include "codec/http1/authority.h"

#include <gtest/gtest.h>

#include <string>

namespace tollgate::codec {
namespace {

TEST(Authority, SplitsHostAndPort) {
  EXPECT_EQ(parse_authority("h.example:8080")->host, "h.example");
  EXPECT_EQ(parse_authority("h.example:8080")->port, "8080");
  EXPECT_EQ(parse_authority("h.example")->port, "");
  EXPECT_EQ(parse_authority("[2001:db8::1]:443")->host, "[2001:db8::1]");
  EXPECT_EQ(parse_authority("[::ffff:1.2.3.4]")->host, "[::ffff:1.2.3.4]");
  EXPECT_TRUE(parse_authority("xn--caf-dma.example"));
  EXPECT_TRUE(parse_authority("caf%C3%A9"));
  EXPECT_TRUE(parse_authority(std::string(255, 'a')));
}

TEST(Authority, RefusesWhatWouldRouteDifferentlyElsewhere) {
  for (const std::string_view text :
       {"",          ":",      ":80",          "u@h",     "u:p@h",         "h:80:80", "h:-1",
        "h:+1",      "h: 80",  "h:0",          "h:65536", "h:99999999999", "h/",      "h?",
        "h\\x",      "a,b",    "a b",          "%61",     "%2f",           "%",       "%c",
        "[",         "[]",     "[::1",         "::1",     "[::1]x",        "[::1]:x", "[::g]",
        "[1.2.3.4]", "[v1.x]", "[::1%25eth0]", "h\x7f",   "h\t",           "h:80 "}) {
    EXPECT_FALSE(parse_authority(text)) << text;
  }
  EXPECT_FALSE(parse_authority(std::string(256, 'a')));
  EXPECT_FALSE(parse_authority(std::string_view("[::1\0]", 6)));
}

TEST(Authority, ComparesWithoutCaseAndWithTheDefaultPort) {
  const auto same = [](std::string_view a, std::string_view b) {
    return same_endpoint(*parse_authority(a), *parse_authority(b), "80");
  };
  EXPECT_TRUE(same("H.Example", "h.example:80"));
  EXPECT_TRUE(same("h:", "h"));
  EXPECT_FALSE(same("h", "h:81"));
  EXPECT_FALSE(same("h", "h.example"));
}

}  // namespace
}  // namespace tollgate::codec
