#include "services/admin/session/login.h"

#include "base/str.h"
#include "codec/json/writer.h"
#include "services/admin/audit/audit_note.h"
#include "telemetry/log.h"

namespace tollgate::services {

void Login::add_to(http::Router& router, AdminApi& api) {
  router.add("POST /api/admin/login", {.guard = {}, .max_body_bytes = SignIn::kMaxBodyBytes},
             [this](http::Request& request) { return login(request); });
  api.add("POST /api/admin/logout", AdminRole::viewer, [this](http::Request& request) { return logout(request); });
}

Task<http::Response> Login::login(http::Request& request) {
  Task<SignIn::SignedIn> signing = deps_.sign_in.sign_in(request);
  auto user = co_await signing;
  if (!user) co_return std::move(user).error();
  const auto draft = audit_draft_of(request, user->name, {"login", str::cat("user:", user->name)});
  auto noting = deps_.pool.run(request.loop(), [&] { return deps_.audit.append(draft); });
  const auto noted = co_await noting;
  if (!noted) co_return finish_response(request, std::unexpected(noted.error()));
  std::string body;
  codec::JsonWriter(body)
      .begin_object()
      .member("token", deps_.tokens.issue(*user))
      .member("expiresIn", SignedTokens::kLifetime.count())
      .end_object();
  co_return http::json(std::move(body));
}

Result<http::Response> Login::logout(http::Request& request) {
  const AdminCaller& caller = caller_of(request);
  TG_TRY(const ports::AuditDraft draft, audit_draft(request, {"logout", str::cat("user:", caller.name)}));
  http::Response response = http::no_content();
  if (caller.via == CallerVia::session) {
    TG_TRY([[maybe_unused]] const bool was_there,
           deps_.sessions.end(caller.name, caller.credential_id, {.audit = &draft}));
    response.header("Set-Cookie", deps_.cookie.clear());
  } else if (auto done = deps_.tokens.revoke(caller, {.audit = &draft}); !done) {
    return std::unexpected(std::move(done).error());
  }
  telemetry::log(telemetry::Level::info, "admin", "logout",
                 {{"user", caller.name}, {"via", std::string(via_name(caller.via))}});
  return response;
}

}  // namespace tollgate::services
