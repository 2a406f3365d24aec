#include "services/admin/session/session_endpoints.h"

#include <string>

#include "base/str.h"
#include "codec/json/writer.h"
#include "services/admin/audit/audit_note.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

// Empty for a token: no session is its own.
std::string_view own_session(const AdminCaller& caller) {
  return caller.via == CallerVia::session ? std::string_view(caller.credential_id) : std::string_view();
}

void log_end(std::string_view event, const AdminCaller& caller) {
  telemetry::log(telemetry::Level::info, "admin", event, {{"user", caller.name}});
}

}  // namespace

void SessionEndpoints::add_to(http::Router& router, AdminApi& api) {
  const auto add = [&](std::string_view pattern, Result<http::Response> (SessionEndpoints::*work)(http::Request&)) {
    api.add(pattern, AdminRole::viewer, [this, work](http::Request& request) { return (this->*work)(request); });
  };
  router.add("POST /api/admin/sessions", {.guard = {}, .max_body_bytes = SignIn::kMaxBodyBytes},
             [this](http::Request& request) { return open(request); });
  add("GET /api/admin/sessions", &SessionEndpoints::list);
  add("DELETE /api/admin/sessions", &SessionEndpoints::end_others);
  add("DELETE /api/admin/sessions/{id}", &SessionEndpoints::end_one);
  api.add("GET /api/admin/me", AdminRole::viewer, [](http::Request& request) { return me(request); });
}

Task<http::Response> SessionEndpoints::open(http::Request& request) {
  // Nobody is to be signed in as somebody else by another site's page. Its type keeps older browsers from sending it.
  if (!request.header("Sec-Fetch-Site").empty()) {
    if (auto own = deps_.cookie.expect_own_origin(request); !own) {
      co_return finish_response(request, std::unexpected(std::move(own).error()));
    }
  }
  Task<SignIn::SignedIn> signing = deps_.sign_in.sign_in(request);
  auto user = co_await signing;
  if (!user) co_return std::move(user).error();
  const auto draft = audit_draft_of(request, user->name, {"session.open", str::cat("user:", user->name)});
  auto opening = deps_.pool.run(request.loop(), [&] {
    return deps_.sessions.open(
        *user, {.network = request.peer().ip.to_string(), .user_agent = std::string(request.header("User-Agent"))},
        {.audit = &draft});
  });
  const auto opened = co_await opening;
  if (!opened) co_return finish_response(request, std::unexpected(opened.error()));
  std::string body;
  codec::JsonWriter(body)
      .begin_object()
      .key("user")
      .begin_object()
      .member("name", user->name)
      .member("role", user->role)
      .end_object()
      .member("expiresAt", opened->session.expires_at)
      .member("idleExpiresAt", opened->session.last_seen_at + ports::kSessionIdle)
      .end_object();
  http::Response response = http::json(std::move(body), 201);
  response.header("Set-Cookie", deps_.cookie.set(opened->secret));
  co_return response;
}

Result<http::Response> SessionEndpoints::list(http::Request& request) {
  const AdminCaller& caller = caller_of(request);
  TG_TRY(const std::vector<ports::Session> sessions, deps_.store.list(caller.name));
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("data").begin_array();
  for (const ports::Session& session : sessions) {
    json.begin_object()
        .member("id", session.id)
        .member("createdAt", session.created_at)
        .member("lastSeenAt", session.last_seen_at)
        .member("expiresAt", session.expires_at)
        .member("network", session.network)
        .member("userAgent", session.user_agent)
        .member("current", session.id == own_session(caller))
        .end_object();
  }
  json.end_array().member("nextCursor", nullptr).end_object();
  return http::json(std::move(body));
}

Result<http::Response> SessionEndpoints::end_one(http::Request& request) {
  const AdminCaller& caller = caller_of(request);
  const std::string_view own = own_session(caller);
  const std::string_view asked = request.param("id");
  const std::string id(asked == "current" ? own : asked);
  TG_TRY(const ports::AuditDraft draft, audit_draft(request, {"session.end", str::cat("user:", caller.name)}));
  TG_TRY(const bool was_there, deps_.store.end(caller.name, id, {.audit = &draft}));
  if (!was_there) return fail(codes::not_found, "no such session");
  log_end("session_ended", caller);
  http::Response response = http::no_content();
  if (id == own) response.header("Set-Cookie", deps_.cookie.clear());
  return response;
}

Result<http::Response> SessionEndpoints::end_others(http::Request& request) {
  const AdminCaller& caller = caller_of(request);
  TG_TRY(const ports::AuditDraft draft, audit_draft(request, {"session.end_others", str::cat("user:", caller.name)}));
  if (auto done = deps_.store.end_all(caller.name, own_session(caller), {.audit = &draft}); !done) {
    return std::unexpected(std::move(done).error());
  }
  log_end("other_sessions_ended", caller);
  return http::no_content();
}

Result<http::Response> SessionEndpoints::me(http::Request& request) {
  const AdminCaller& caller = caller_of(request);
  std::string body;
  codec::JsonWriter(body)
      .begin_object()
      .member("name", caller.name)
      .member("role", role_name(caller.role))
      .member("expiresAt", caller.expires_at)
      .member("via", via_name(caller.via))
      .end_object();
  return http::json(std::move(body));
}

}  // namespace tollgate::services
