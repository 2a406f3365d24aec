#include "services/admin/session/signed_tokens.h"

#include "base/random.h"

namespace tollgate::services {

Result<SignedTokens> SignedTokens::make(const std::string& secret, const Clock& clock) {
  TG_TRY(codec::JwtCodec codec,
         codec::JwtCodec::make({{.kid = "1", .secret = secret}}, {.issuer = std::string(kIssuer),
                                                                  .audience = std::string(kAudience),
                                                                  .leeway = kLeeway,
                                                                  .max_lifetime = kLifetime}));
  return SignedTokens(std::move(codec), clock);
}

std::string SignedTokens::issue(const ports::User& user) const {
  const WallTime now = clock_->wall_now();
  return codec_.sign({.sub = user.name,
                      .role = user.role,
                      .jti = random_base62(22),
                      .iss = {},
                      .aud = {},
                      .iat = now,
                      .exp = now + kLifetime,
                      .ver = user.token_version});
}

Result<SignedTokens::Read> SignedTokens::read(std::string_view token) const {
  const auto claims = codec_.verify(token, clock_->wall_now());
  const auto role = claims ? parse_admin_role(claims->role) : std::nullopt;
  // Why a token is refused is the operator's business, not the caller's.
  if (!role) return fail(codes::unauthenticated_admin);
  return Read{.caller = {.name = claims->sub, .role = *role, .credential_id = claims->jti, .expires_at = claims->exp},
              .version = claims->ver};
}

}  // namespace tollgate::services
