#include "services/admin/admin_tokens.h"

#include "base/random.h"

namespace tollgate::services {

Result<AdminTokens> AdminTokens::make(const std::string& secret, ports::UserStore& users, const Clock& clock) {
  TG_TRY(codec::JwtCodec codec,
         codec::JwtCodec::make({{.kid = "1", .secret = secret}}, {.issuer = std::string(kIssuer),
                                                                  .audience = std::string(kAudience),
                                                                  .leeway = kLeeway,
                                                                  .max_lifetime = kLifetime}));
  return AdminTokens(std::move(codec), users, clock);
}

std::string AdminTokens::issue(const ports::User& user) const {
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

Result<AdminCaller> AdminTokens::check(std::string_view token) const {
  if (token.empty()) return fail(codes::unauthenticated_admin);
  const auto claims = codec_.verify(token, clock_->wall_now());
  // Why a token is refused is the operator's business, not the caller's.
  if (!claims) return fail(codes::unauthenticated_admin);
  TG_TRY(const std::optional<ports::User> user, users_->find(claims->sub));
  if (!user || user->token_version != claims->ver || user->role != claims->role) {
    return fail(codes::unauthenticated_admin);
  }
  TG_TRY(const bool revoked, users_->is_revoked(claims->jti));
  const auto role = parse_admin_role(claims->role);
  if (revoked || !role) return fail(codes::unauthenticated_admin);
  return AdminCaller{.name = claims->sub, .role = *role, .token_id = claims->jti, .token_expires = claims->exp};
}

Result<void> AdminTokens::revoke(const AdminCaller& caller) const {
  return users_->revoke_token(caller.token_id, caller.token_expires + kLeeway);
}

}  // namespace tollgate::services
