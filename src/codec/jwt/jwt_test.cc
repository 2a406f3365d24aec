#include "codec/jwt/jwt.h"

#include <gtest/gtest.h>

#include "base/str.h"
#include "crypto/sha256.h"

namespace tollgate::codec {
namespace {

const std::string kSecret = "q8Zr3vXk1TtY7bWm0NcLp5JhGfDs9AeU2iOx";
const std::string kOldSecret = "Lk2Jh8Gf5Ds1Aq9Wz3Ex7Rc6Tv4Yb0Nu5Mi";
const WallTime kNow = WallTime(Seconds(1'790'000'000));
const JwtRules kRules{.issuer = "tollgate", .audience = "admin"};

JwtCodec codec() {
  return JwtCodec::make({{"k2", kSecret}, {"k1", kOldSecret}}, kRules).value();
}

JwtClaims claims() {
  return {.sub = "alice",
          .role = "admin",
          .jti = "j-1",
          .iss = "tollgate",
          .aud = "admin",
          .iat = kNow,
          .exp = kNow + Seconds(900),
          .ver = 7};
}

// A token around any header and claims, with the right signature for them.
std::string token_of(std::string_view header, std::string_view body, const std::string& secret = kSecret) {
  std::string token = str::to_base64url(header) + "." + str::to_base64url(body);
  const crypto::Digest256 mac = crypto::hmac_sha256({secret}, token);
  return token + "." + str::to_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

const std::string kHeader = R"({"alg":"HS256"})";
const std::string kBody =
    R"({"iss":"tollgate","aud":"admin","sub":"alice","role":"admin","jti":"j-1","iat":1790000000,"exp":1790000900,"ver":7})";

std::string body_with(const std::string& from, const std::string& to) {
  std::string body = kBody;
  const std::size_t at = body.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return body.replace(at, from.size(), to);
}

bool accepts(std::string_view token, WallTime now = kNow) {
  const auto verified = codec().verify(token, now);
  EXPECT_TRUE(verified || verified.error().is(codes::unauthenticated_admin));
  return verified.has_value();
}

TEST(Jwt, WhatWasSignedVerifies) {
  const auto verified = codec().verify(codec().sign(claims()), kNow);
  ASSERT_TRUE(verified) << verified.error().to_string();
  EXPECT_EQ(*verified, claims());
  EXPECT_TRUE(accepts(token_of(kHeader, kBody)));
  EXPECT_TRUE(accepts(token_of(R"({"typ":"jwt","kid":"k2","alg":"HS256"})", kBody)));
}

TEST(Jwt, TokensOfAnOlderKeyVerifyWhileItIsListed) {
  EXPECT_TRUE(accepts(token_of(R"({"alg":"HS256","kid":"k1"})", kBody, kOldSecret)));
  EXPECT_FALSE(accepts(token_of(R"({"alg":"HS256","kid":"k1"})", kBody, kSecret)));
  EXPECT_FALSE(accepts(token_of(R"({"alg":"HS256","kid":"k2"})", kBody, kOldSecret)));
  EXPECT_FALSE(accepts(token_of(kHeader, kBody, kOldSecret)));
}

TEST(Jwt, NoneIsRefusedInEverySpellingWithAndWithoutASignature) {
  for (const char* none : {"none", "None", "NONE", "nOnE", "noNe", "NoNe", "nONE", "NONe"}) {
    const std::string header = str::cat(R"({"alg":")", none, R"("})");
    const std::string token = token_of(header, kBody);
    EXPECT_FALSE(accepts(token)) << none;
    EXPECT_FALSE(accepts(token.substr(0, token.rfind('.') + 1))) << none;
    EXPECT_FALSE(accepts(token.substr(0, token.rfind('.')))) << none;
  }
}

TEST(Jwt, EveryOtherAlgorithmIsRefusedEvenWhenSignedWithOurSecret) {
  for (const char* alg :
       {"HS384", "HS512", "RS256", "RS384", "ES256", "PS256", "EdDSA", "hs256", "Hs256", "HS256 ", "", "dir"}) {
    EXPECT_FALSE(accepts(token_of(str::cat(R"({"alg":")", alg, R"("})"), kBody))) << alg;
  }
  for (const char* header : {"{}", R"({"alg":null})", R"({"alg":256})", R"({"alg":["HS256"]})", R"({"ALG":"HS256"})",
                             "[]", "null", R"("HS256")", ""}) {
    EXPECT_FALSE(accepts(token_of(header, kBody))) << header;
  }
}

TEST(Jwt, HeadersThatBringOrPointToKeysAreRefused) {
  for (const char* member :
       {R"("jku":"https://a.example/keys")", R"("x5u":"https://a.example/cert")", R"("jwk":{"kty":"oct","k":"AA"})",
        R"("x5c":["MIIB"])", R"("crit":["exp"])", R"("crit":[])", R"("b64":false)", R"("zip":"DEF")", R"("cty":"JWT")",
        R"("typ":"at+jwt")", R"("typ":null,"x":1)"}) {
    EXPECT_FALSE(accepts(token_of(str::cat(R"({"alg":"HS256",)", member, "}"), kBody))) << member;
  }
}

TEST(Jwt, KeyIdsAreLookedUpExactlyOrRefused) {
  for (const std::string& kid :
       {std::string("k3"), std::string("K2"), std::string("k2 "), std::string("../../dev/null"),
        std::string("k2' OR '1'='1"), std::string("k2\\u0000"), std::string(65, 'k'), std::string()}) {
    EXPECT_FALSE(accepts(token_of(str::cat(R"({"alg":"HS256","kid":")", kid, R"("})"), kBody))) << kid;
  }
  EXPECT_FALSE(accepts(token_of(R"({"alg":"HS256","kid":2})", kBody)));
}

TEST(Jwt, DuplicateMembersAreRefused) {
  EXPECT_FALSE(accepts(token_of(R"({"alg":"none","alg":"HS256"})", kBody)));
  EXPECT_FALSE(accepts(token_of(R"({"alg":"HS256","alg":"HS256"})", kBody)));
  EXPECT_FALSE(accepts(token_of(kHeader, body_with(R"("role":"admin")", R"("role":"viewer","role":"admin")"))));
}

TEST(Jwt, EverySegmentCountButThreeIsRefused) {
  const std::string token = token_of(kHeader, kBody);
  ASSERT_TRUE(accepts(token));
  const std::size_t first = token.find('.'), second = token.rfind('.');
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("..."), token + ".", token + ".AAAA",
        token + ".AAAA.AAAA", "." + token, token.substr(first + 1), token.substr(0, second),
        token.substr(0, second + 1), token.substr(0, first + 1) + token.substr(second)}) {
    EXPECT_FALSE(accepts(bad)) << bad;
  }
  EXPECT_FALSE(accepts(R"({"payload":"e30","protected":"eyJhbGciOiJIUzI1NiJ9","signature":"AAAA"})"));
}

TEST(Jwt, OnlyCanonicalBase64urlIsTaken) {
  const std::string token = token_of(kHeader, kBody);
  for (const char* extra : {"=", "==", " ", "\n", "\r\n", "\t", "%3D", "+", "/"}) {
    EXPECT_FALSE(accepts(token + extra)) << extra;
    EXPECT_FALSE(accepts(extra + token)) << extra;
  }
  // 32 bytes leave two bits unused in the last character; each other way to fill them is another text for one
  // signature.
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  int accepted = 0;
  for (const char c : kAlphabet) accepted += accepts(token.substr(0, token.size() - 1) + c) ? 1 : 0;
  EXPECT_EQ(accepted, 1);
}

TEST(Jwt, EveryFlippedBitIsRefused) {
  const std::string token = token_of(kHeader, kBody);
  const std::size_t dot = token.rfind('.');
  const std::string signature = str::from_base64url(token.substr(dot + 1)).value();
  for (std::size_t bit = 0; bit < 256; ++bit) {
    std::string flipped = signature;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(accepts(token.substr(0, dot + 1) + str::to_base64url(flipped))) << bit;
  }
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(accepts(changed)) << at;
  }
  for (std::size_t size = 0; size < signature.size(); ++size) {
    EXPECT_FALSE(accepts(token.substr(0, dot + 1) + str::to_base64url(signature.substr(0, size))));
  }
}

TEST(Jwt, ExpiryAndIssueTimeHoldToTheNanosecondWithTheLeeway) {
  const std::string token = token_of(kHeader, kBody);
  const WallTime end = kNow + Seconds(900) + kRules.leeway;
  EXPECT_TRUE(accepts(token, end - Nanos(1)));
  EXPECT_FALSE(accepts(token, end));
  EXPECT_FALSE(accepts(token, end + Seconds(1)));
  EXPECT_TRUE(accepts(token, kNow - kRules.leeway));
  EXPECT_FALSE(accepts(token, kNow - kRules.leeway - Nanos(1)));
}

TEST(Jwt, EveryClaimIsRequiredAndNoOtherIsTaken) {
  for (const char* claim : {R"("iss":"tollgate",)", R"("aud":"admin",)", R"("sub":"alice",)", R"("role":"admin",)",
                            R"("jti":"j-1",)", R"("iat":1790000000,)", R"("exp":1790000900,)", R"(,"ver":7)"}) {
    EXPECT_FALSE(accepts(token_of(kHeader, body_with(claim, "")))) << claim;
  }
  EXPECT_FALSE(accepts(token_of(kHeader, body_with(R"("ver":7)", R"("ver":7,"admin":true)"))));
}

TEST(Jwt, AnotherIssuerOrAudienceIsRefused) {
  for (const char* to : {R"("iss":"Tollgate")", R"("iss":"")", R"("iss":null)", R"("iss":["tollgate"])"}) {
    EXPECT_FALSE(accepts(token_of(kHeader, body_with(R"("iss":"tollgate")", to)))) << to;
  }
  for (const char* to : {R"("aud":"gateway")", R"("aud":["admin"])", R"("aud":["admin","gateway"])", R"("aud":"")"}) {
    EXPECT_FALSE(accepts(token_of(kHeader, body_with(R"("aud":"admin")", to)))) << to;
  }
}

TEST(Jwt, TimesThatAreNotWholeNumbersBelowTwoTo53AreRefused) {
  for (const char* time :
       {"1790000900.0", "1790000900.5", "1.7900009e9", "-1", "-0.0", "\"1790000900\"", "null", "true",
        "9007199254740992", "9223372036854775808", "18446744073709551615", "18446744073709551616", "1e400", "[]"}) {
    EXPECT_FALSE(accepts(token_of(kHeader, body_with("\"exp\":1790000900", str::cat("\"exp\":", time))))) << time;
    EXPECT_FALSE(accepts(token_of(kHeader, body_with("\"iat\":1790000000", str::cat("\"iat\":", time))))) << time;
  }
}

TEST(Jwt, ALifetimeBeyondTheCapIsRefused) {
  const std::uint64_t iat = 1'790'000'000, day = 24 * 60 * 60;
  const auto with_exp = [&](std::uint64_t exp) {
    return token_of(kHeader, body_with("\"exp\":1790000900", str::cat("\"exp\":", exp)));
  };
  EXPECT_TRUE(accepts(with_exp(iat + day)));
  EXPECT_FALSE(accepts(with_exp(iat + day + 1)));
  EXPECT_FALSE(accepts(with_exp(iat)));
  EXPECT_FALSE(accepts(with_exp(9007199254740991)));
}

TEST(Jwt, TokensBeyondEightKibibytesAreRefused) {
  EXPECT_FALSE(accepts(token_of(kHeader, kBody + std::string(7'000, ' '))));
  EXPECT_FALSE(accepts(std::string(1 << 20, 'A')));
  EXPECT_FALSE(accepts(std::string(1 << 20, '.')));
}

TEST(Jwt, WeakSecretsAndBadRulesAreRefusedAtStart) {
  EXPECT_TRUE(JwtCodec::make({{"k", "secret"}}, kRules).error().is(codes::weak_secret));
  EXPECT_TRUE(JwtCodec::make({{"k", kSecret}, {"l", std::string(64, 'a')}}, kRules).error().is(codes::weak_secret));
  const std::string pem =
      "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9";
  EXPECT_TRUE(JwtCodec::make({{"k", pem}}, kRules).error().is(codes::weak_secret));
  EXPECT_TRUE(JwtCodec::make({}, kRules).error().is(codes::config_invalid));
  EXPECT_TRUE(JwtCodec::make({{"../k", kSecret}}, kRules).error().is(codes::config_invalid));
  EXPECT_TRUE(JwtCodec::make({{"k", kSecret}, {"k", kOldSecret}}, kRules).error().is(codes::config_invalid));
  JwtRules rules = kRules;
  rules.leeway = Seconds(61);
  EXPECT_TRUE(JwtCodec::make({{"k", kSecret}}, rules).error().is(codes::config_invalid));
}

}  // namespace
}  // namespace tollgate::codec
