#include "services/admin/session/admin_tokens.h"

namespace tollgate::services {

Result<AdminTokens> AdminTokens::make(const std::string& secret, ports::UserStore& users, const Clock& clock) {
  TG_TRY(SignedTokens tokens, SignedTokens::make(secret, clock));
  return AdminTokens(std::move(tokens), users);
}

Result<AdminCaller> AdminTokens::check(std::string_view token) const {
  TG_TRY(SignedTokens::Read read, signed_.read(token));
  TG_TRY(const std::optional<ports::User> user, users_->find(read.caller.name));
  if (!user || user->disabled || user->token_version != read.version || user->role != role_name(read.caller.role)) {
    return fail(codes::unauthenticated_admin);
  }
  TG_TRY(const bool revoked, users_->is_revoked(read.caller.credential_id));
  if (revoked) return fail(codes::unauthenticated_admin);
  return std::move(read.caller);
}

Result<void> AdminTokens::revoke(const AdminCaller& caller, const ports::WriteNote& note) const {
  return users_->revoke_token(caller.credential_id, caller.expires_at + SignedTokens::kLeeway, note);
}

}  // namespace tollgate::services
