#include <gtest/gtest.h>

#include <array>
#include <string>

#include "codec/http1/head.h"

namespace tollgate::codec {
namespace {

constexpr std::array<std::string_view, 25> kNames = {
    "Host",      "Content-Length",  "Transfer-Encoding", "Connection",       "Keep-Alive",    "Proxy-Connection",
    "TE",        "Trailer",         "Upgrade",           "Expect",           "Authorization", "Proxy-Authorization",
    "X-Api-Key", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP",     "Forwarded",
    "Via",       "Max-Forwards",    "X-Request-Id",      "traceparent",      "Content-Type",  "Date",
    "Server"};

TEST(HeaderIds, KnowEachNameInAnyCase) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const auto expected = static_cast<HeaderId>(i + 1);
    std::string upper(kNames[i]);
    std::string lower(kNames[i]);
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(header_id(kNames[i]), expected) << kNames[i];
    EXPECT_EQ(header_id(upper), expected);
    EXPECT_EQ(header_id(lower), expected);
  }
}

TEST(HeaderIds, TakeNothingForAKnownNameThatDiffersInOneByte) {
  for (const std::string_view known : kNames) {
    EXPECT_EQ(header_id(known.substr(1)), HeaderId::other);
    EXPECT_EQ(header_id(std::string(known) + "s"), HeaderId::other);
    for (std::size_t i = 0; i < known.size(); ++i) {
      for (int c = 0; c < 256; ++c) {
        std::string name(known);
        if (std::tolower(name[i]) == std::tolower(c)) continue;
        name[i] = static_cast<char>(c);
        EXPECT_EQ(header_id(name), HeaderId::other) << name;
      }
    }
  }
  EXPECT_EQ(header_id(""), HeaderId::other);
  EXPECT_EQ(header_id(std::string(1000, 'x')), HeaderId::other);
}

TEST(Methods, AreCaseSensitive) {
  EXPECT_EQ(parse_method("GET"), Method::get);
  EXPECT_EQ(parse_method("get"), Method::other);
  EXPECT_EQ(parse_method("OTHER"), Method::other);
  EXPECT_EQ(parse_method(""), Method::other);
  for (std::size_t i = 0; i < static_cast<std::size_t>(Method::other); ++i) {
    EXPECT_EQ(parse_method(method_name(static_cast<Method>(i))), static_cast<Method>(i));
  }
}

}  // namespace
}  // namespace tollgate::codec
