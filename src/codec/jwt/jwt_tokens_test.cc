// Reads tests/data/jwt/hs256_tokens.tsv: tokens that another implementation has signed, most of them as an attacker
// would make them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/str.h"
#include "codec/jwt/jwt.h"

namespace tollgate::codec {
namespace {

constexpr WallTime kIssued{Seconds(1'790'000'000)};

struct Case {
  std::string name;
  bool accepted = false;
  Seconds at{0};
  std::string token;
};

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out.push_back(text[i]);
      continue;
    }
    const auto named = std::string_view("tnr0\\").find(text.at(++i));
    EXPECT_NE(named, std::string_view::npos) << text;
    out.push_back("\t\n\r\0\\"[named]);
  }
  return out;
}

std::vector<Case> load_cases() {
  const char* const root = std::getenv("TG_SOURCE_DIR");
  std::ifstream in(str::cat(root != nullptr ? root : ".", "/tests/data/jwt/hs256_tokens.tsv"));
  std::vector<Case> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    std::vector<std::string> columns;
    for (std::size_t from = 0, tab = 0; tab != std::string::npos; from = tab + 1) {
      tab = line.find('\t', from);
      columns.push_back(line.substr(from, tab - from));
    }
    EXPECT_EQ(columns.size(), 4U) << line;
    EXPECT_TRUE(columns[0] == "accept" || columns[0] == "refuse") << line;
    cases.push_back({.name = columns[2],
                     .accepted = columns[0] == "accept",
                     .at = Seconds(str::parse_int<std::int64_t>(columns[1]).value()),
                     .token = unescaped(columns[3])});
  }
  return cases;
}

JwtCodec codec() {
  return JwtCodec::make({{"k2", "q8Zr3vXk1TtY7bWm0NcLp5JhGfDs9AeU2iOx"}, {"k1", "Lk2Jh8Gf5Ds1Aq9Wz3Ex7Rc6Tv4Yb0Nu5Mi"}},
                        {.issuer = "tollgate", .audience = "admin"})
      .value();
}

TEST(JwtTokens, GetTheVerdictsOfTheTable) {
  const std::vector<Case> cases = load_cases();
  EXPECT_GE(cases.size(), 350U);
  for (const Case& each : cases) {
    const auto verified = codec().verify(each.token, kIssued + each.at);
    EXPECT_EQ(verified.has_value(), each.accepted) << each.name;
    if (verified) {
      EXPECT_EQ(verified->sub, "alice") << each.name;
    } else {
      EXPECT_TRUE(verified.error().is(codes::unauthenticated_admin)) << each.name;
    }
  }
}

TEST(JwtTokens, OfTheTableAreRefusedWithAnyBitOfTheirSignatureTurned) {
  int turned = 0;
  for (const Case& each : load_cases()) {
    if (!each.accepted) continue;
    const std::size_t from = each.token.rfind('.') + 1;
    const std::string signature = str::from_base64url(each.token.substr(from)).value();
    for (std::size_t bit = 0; bit < 8 * signature.size(); ++bit, ++turned) {
      std::string other = signature;
      other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
      const std::string token = each.token.substr(0, from) + str::to_base64url(other);
      EXPECT_FALSE(codec().verify(token, kIssued + each.at)) << each.name << ", bit " << bit;
    }
  }
  EXPECT_GE(turned, 256);
}

}  // namespace
}  // namespace tollgate::codec
