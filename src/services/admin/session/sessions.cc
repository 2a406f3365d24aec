#include "services/admin/session/sessions.h"

#include <utility>

#include "base/random.h"
#include "crypto/sha256.h"
#include "telemetry/log.h"

namespace tollgate::services {

Result<Sessions::Opened> Sessions::open(const ports::User& user, Browser browser, const ports::WriteNote& note) const {
  const WallTime now = clock_.wall_now();
  browser.user_agent.resize(std::min(browser.user_agent.size(), kUserAgentMax));
  Opened opened{.session = {.id = random_base62(16),
                            .user = user.name,
                            .secret_hash = {},
                            .created_at = now,
                            .last_seen_at = now,
                            .expires_at = now + kLifetime,
                            .network = std::move(browser.network),
                            .user_agent = std::move(browser.user_agent)},
                .secret = random_base62(kSecretLength)};
  opened.session.secret_hash = crypto::sha256(opened.secret);
  if (auto added = store_.add(opened.session, note); !added) return std::unexpected(std::move(added).error());
  return opened;
}

Result<AdminCaller> Sessions::check(std::string_view secret) const {
  if (secret.size() != kSecretLength) return fail(codes::unauthenticated_admin);
  // Looked up by its hash: how long that takes tells nothing of the secret.
  TG_TRY(const auto session, store_.find(crypto::sha256(secret)));
  const WallTime now = clock_.wall_now();
  if (!session || ports::is_over(*session, now)) return fail(codes::unauthenticated_admin);
  TG_TRY(const auto user, users_.find(session->user));
  const auto role = user && !user->disabled ? parse_admin_role(user->role) : std::nullopt;
  if (!role) return fail(codes::unauthenticated_admin);
  note_use(*session, now);
  return AdminCaller{.name = session->user,
                     .role = *role,
                     .via = CallerVia::session,
                     .credential_id = session->id,
                     .expires_at = session->expires_at};
}

void Sessions::note_use(const ports::Session& session, WallTime now) const {
  if (now < session.last_seen_at + kTouchEvery) return;
  // The request goes on without: at worst the session ends early.
  if (const auto done = store_.touch(session.id, now); !done) {
    telemetry::log_error("admin", "session_touch_failed", done.error());
  }
}

}  // namespace tollgate::services
