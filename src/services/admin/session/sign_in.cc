#include "services/admin/session/sign_in.h"

#include "base/str.h"
#include "codec/json/object_reader.h"
#include "crypto/secret_bytes.h"
#include "services/admin/admin_api.h"
#include "services/admin/api_input.h"
#include "services/admin/audit/audit_note.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

void log_attempt(std::string_view result, http::Request& request, std::string_view user) {
  telemetry::log(result == "ok" ? telemetry::Level::info : telemetry::Level::warn, "admin", "login",
                 {{"result", std::string(result)},
                  {"user", std::string(user)},
                  {"client", request.exchange().peer().ip.to_string()}});
}

http::Response throttled(const http::Request& request, Nanos wait) {
  http::Response response = http::problem(Error(codes::login_throttled), request.id());
  const auto seconds = std::chrono::ceil<Seconds>(wait);
  response.header("Retry-After", str::cat(seconds.count()));
  return response;
}

}  // namespace

Result<SignIn::Credentials> SignIn::read_credentials(const http::Request& request) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  codec::JsonObjectReader in(document);
  Credentials credentials{.username = in.required_string("username", {.min = 1, .max = 200}),
                          .password = in.required_string("password", {.min = 1, .max = 1024})};
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return credentials;
}

Task<SignIn::SignedIn> SignIn::sign_in(http::Request& request) {
  auto credentials = read_credentials(request);
  if (!credentials) {
    co_return std::unexpected(finish_response(request, std::unexpected(std::move(credentials).error())));
  }
  Task<SignedIn> signing = sign_in_as(request, *std::move(credentials), "login.refused");
  auto signed_in = co_await signing;
  co_return std::move(signed_in);
}

Task<SignIn::SignedIn> SignIn::sign_in_as(http::Request& request, Credentials credentials, std::string_view refused) {
  const LoginAttempt attempt{credentials.username, request.exchange().peer().ip};
  const Nanos wait = throttle_.begin(attempt, deps_.clock.mono_now());
  if (wait > Nanos{0}) {
    crypto::cleanse(credentials.password);
    log_attempt("throttled", request, "");
    co_return std::unexpected(throttled(request, wait));
  }

  Task<Result<Checked>> checking = check_on_pool(request, credentials, refused);
  auto checked = co_await checking;
  crypto::cleanse(credentials.password);
  if (!checked) {
    throttle_.withdrawn(attempt, deps_.clock.mono_now());
    log_attempt(checked.error().code().name, request, "");
    co_return std::unexpected(finish_response(request, std::unexpected(std::move(checked).error())));
  }
  if (checked->verdict != Verdict::right) {
    log_attempt(verdict_word(checked->verdict), request, checked->user.name);
    co_return std::unexpected(http::problem(Error(codes::login_failed), request.id()));
  }
  throttle_.succeeded(attempt, deps_.clock.mono_now());
  log_attempt("ok", request, checked->user.name);
  co_return std::move(checked->user);
}

Task<Result<SignIn::Checked>> SignIn::check_on_pool(http::Request& request, const Credentials& credentials,
                                                    std::string_view refused) {
  if (logins_.fetch_add(1) >= kLoginsAtOnce) {
    logins_.fetch_sub(1);
    co_return fail(codes::busy);
  }
  auto checking = pool_.run(request.loop(), [&] {
    auto checked = check(credentials);
    if (checked && checked->verdict != Verdict::right) note_refusal(request, *checked, refused);
    return checked;
  });
  auto checked = co_await checking;
  logins_.fetch_sub(1);
  co_return std::move(checked);
}

Result<SignIn::Checked> SignIn::check(const Credentials& credentials) {
  TG_TRY(std::optional<ports::User> user, deps_.users.find(credentials.username));
  if (!user) {
    TG_TRY([[maybe_unused]] const bool never, deps_.hasher.verify_nobody(credentials.password));
    return Checked{};
  }
  const crypto::PasswordHash stored{user->password_hash};
  TG_TRY(const bool right, deps_.hasher.verify(credentials.password, stored));
  if (right && deps_.hasher.is_outdated(stored)) renew_hash(*user, credentials.password);
  const Verdict verdict = !right ? Verdict::wrong_password : user->disabled ? Verdict::disabled : Verdict::right;
  return Checked{.verdict = verdict, .user = *std::move(user)};
}

// The answer is the same whether this is written or not.
void SignIn::note_refusal(const http::Request& request, const Checked& checked, std::string_view refused) {
  const std::string& user = checked.user.name;
  ports::AuditDraft draft = audit_draft_of(request, user, {refused, str::cat("user:", user)});
  draft.after = str::cat("{\"result\":\"", verdict_word(checked.verdict), "\"}");
  if (const auto done = deps_.audit.append(draft); !done) {
    telemetry::log_error("admin", "audit_failed", done.error());
  }
}

std::string_view SignIn::verdict_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::right: return "ok";
    case Verdict::wrong_password: return "wrong_password";
    case Verdict::no_such_user: return "no_such_user";
    case Verdict::disabled: return "disabled";
  }
  return "";
}

void SignIn::renew_hash(ports::User& user, const std::string& password) {
  const auto hash = deps_.hasher.hash(password);
  if (!hash) return;  // there is always a next login
  user.password_hash = hash->phc;
  ports::AuditDraft draft{.actor = "tollgate",
                          .via = "password",
                          .network = {},
                          .action = "user.password.rehash",
                          .object = str::cat("user:", user.name),
                          .before = {},
                          .after = {},
                          .reason = "passwords are hashed at another cost now"};
  // As it was read: nobody's change is undone.
  const auto done = deps_.users.put(user, {.expected_revision = user.revision, .note = {.audit = &draft}});
  if (!done) telemetry::log_error("admin", "rehash_failed", done.error());
}

}  // namespace tollgate::services
