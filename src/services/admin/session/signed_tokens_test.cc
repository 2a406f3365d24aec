#include "services/admin/session/signed_tokens.h"

#include <gtest/gtest.h>

#include "base/str.h"

namespace tollgate::services {
namespace {

constexpr const char* kSecret = "jwt-secret-Zp4Lw9RkT2vXn7QbYc1MfHs8DgJ";

// What admin signs, and what a service reads that knows the secret and nothing else.
struct SignedTokensTest : ::testing::Test {
  std::string token_of(const std::string& role) const {
    ports::User user;
    user.name = "anna";
    user.role = role;
    user.token_version = 3;
    return tokens.issue(user);
  }
  // With a good signature whatever the rules say.
  std::string signed_by(const std::string& secret, const codec::JwtRules& own, Seconds lifetime) const {
    return codec::JwtCodec::make({{.kid = "1", .secret = secret}}, own)
        ->sign({.sub = "anna",
                .role = "admin",
                .jti = "x",
                .iss = {},
                .aud = {},
                .iat = clock.wall_now(),
                .exp = clock.wall_now() + lifetime,
                .ver = 1});
  }

  ManualClock clock;
  SignedTokens tokens = *SignedTokens::make(kSecret, clock);
  const codec::JwtRules rules{.issuer = std::string(SignedTokens::kIssuer),
                              .audience = std::string(SignedTokens::kAudience)};
};

TEST_F(SignedTokensTest, SayWhoIsCallingWithWhichRoleAndForHowLong) {
  const auto elsewhere = SignedTokens::make(kSecret, clock);
  const auto read = elsewhere->read(token_of("operator"));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->caller.name, "anna");
  EXPECT_EQ(read->caller.role, AdminRole::operator_);
  EXPECT_EQ(read->version, 3u);
  EXPECT_FALSE(read->caller.credential_id.empty());
  EXPECT_EQ(read->caller.expires_at, std::chrono::floor<Seconds>(clock.wall_now() + SignedTokens::kLifetime));
}

TEST_F(SignedTokensTest, EndAfterFifteenMinutesAndTheLeeway) {
  const std::string token = token_of("admin");
  clock.advance(SignedTokens::kLifetime + SignedTokens::kLeeway - Seconds(1));
  EXPECT_TRUE(tokens.read(token).has_value());
  clock.advance(Seconds(1));
  EXPECT_FALSE(tokens.read(token).has_value());
}

TEST_F(SignedTokensTest, OfAnotherSecretIssuerAudienceRoleOrLifetimeAreRefused) {
  EXPECT_TRUE(tokens.read(signed_by(kSecret, rules, SignedTokens::kLifetime)).has_value()) << "the control";
  codec::JwtRules other_issuer = rules;
  other_issuer.issuer = "somebody";
  codec::JwtRules other_audience = rules;
  other_audience.audience = "somebody";
  const std::string good = token_of("admin");
  const std::size_t dot = good.find('.');
  // {"alg":"none"} in front of good claims, without a signature.
  const std::string unsigned_token = "eyJhbGciOiJub25lIn0" + good.substr(dot, good.rfind('.') - dot) + ".";
  for (const std::string& bad : {std::string(), std::string("x"), unsigned_token, token_of("root"),
                                 signed_by("another-secret-9dK2mQ7xVb4LzR8tWn3Yc6Hs", rules, SignedTokens::kLifetime),
                                 signed_by(kSecret, other_issuer, SignedTokens::kLifetime),
                                 signed_by(kSecret, other_audience, SignedTokens::kLifetime),
                                 signed_by(kSecret, rules, SignedTokens::kLifetime + Seconds(1))}) {
    const auto refused = tokens.read(bad);
    ASSERT_FALSE(refused.has_value()) << bad;
    EXPECT_TRUE(refused.error().is(codes::unauthenticated_admin));
    EXPECT_EQ(refused.error().detail(), "") << "the caller is not told why";
  }
}

TEST_F(SignedTokensTest, NeedASecretThatIsOne) {
  EXPECT_TRUE(SignedTokens::make("changeme", clock).error().is(codes::weak_secret));
}

}  // namespace
}  // namespace tollgate::services
