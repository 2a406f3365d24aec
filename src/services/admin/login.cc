#include "services/admin/login.h"

#include "codec/json/object_reader.h"
#include "codec/json/writer.h"
#include "crypto/secret_bytes.h"
#include "services/admin/api_input.h"
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

void Login::add_to(http::Router& router, AdminApi& api) {
  router.add("POST /api/admin/login", {.guard = {}, .max_body_bytes = 8 * 1024},
             [this](http::Request& request) { return login(request); });
  api.add("POST /api/admin/logout", AdminRole::viewer, [this](http::Request& request) { return logout(request); });
  api.add("GET /api/admin/me", AdminRole::viewer, [](http::Request& request) { return me(request); });
}

Result<Login::Credentials> Login::read_credentials(const http::Request& request) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  codec::JsonObjectReader in(document);
  Credentials credentials{.username = in.required_string("username", {.min = 1, .max = 200}),
                          .password = in.required_string("password", {.min = 1, .max = 1024})};
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  return credentials;
}

Task<http::Response> Login::login(http::Request& request) {
  auto credentials = read_credentials(request);
  if (!credentials) co_return finish_response(request, std::unexpected(std::move(credentials).error()));
  const LoginAttempt attempt{credentials->username, request.exchange().peer().ip};
  const Nanos wait = throttle_.begin(attempt, deps_.clock.mono_now());
  if (wait > Nanos{0}) {
    log_attempt("throttled", request, "");
    co_return throttled(request, wait);
  }

  Task<Result<Checked>> checking = check_on_pool(request, *credentials);
  auto checked = co_await checking;
  crypto::cleanse(credentials->password);
  if (!checked) {
    throttle_.withdrawn(attempt, deps_.clock.mono_now());
    log_attempt(checked.error().code().name, request, "");
    co_return finish_response(request, std::unexpected(std::move(checked).error()));
  }
  if (checked->verdict != Verdict::right) {
    log_attempt(checked->verdict == Verdict::wrong_password ? "wrong_password" : "no_such_user", request,
                checked->user.name);
    co_return http::problem(Error(codes::login_failed), request.id());
  }
  throttle_.succeeded(attempt, deps_.clock.mono_now());
  log_attempt("ok", request, checked->user.name);
  std::string body;
  codec::JsonWriter(body)
      .begin_object()
      .member("token", deps_.tokens.issue(checked->user))
      .member("expiresIn", SignedTokens::kLifetime.count())
      .end_object();
  co_return http::json(std::move(body));
}

Task<Result<Login::Checked>> Login::check_on_pool(http::Request& request, const Credentials& credentials) {
  if (logins_.fetch_add(1) >= kLoginsAtOnce) {
    logins_.fetch_sub(1);
    co_return fail(codes::busy);
  }
  auto checking = pool_.run(request.loop(), [&] { return check(credentials); });
  auto checked = co_await checking;
  logins_.fetch_sub(1);
  co_return std::move(checked);
}

Result<Login::Checked> Login::check(const Credentials& credentials) {
  TG_TRY(std::optional<ports::User> user, deps_.users.find(credentials.username));
  if (!user) {
    TG_TRY([[maybe_unused]] const bool never, deps_.hasher.verify_nobody(credentials.password));
    return Checked{};
  }
  const crypto::PasswordHash stored{user->password_hash};
  TG_TRY(const bool right, deps_.hasher.verify(credentials.password, stored));
  if (right && deps_.hasher.is_outdated(stored)) renew_hash(*user, credentials.password);
  return Checked{.verdict = right ? Verdict::right : Verdict::wrong_password, .user = *std::move(user)};
}

void Login::renew_hash(ports::User& user, const std::string& password) {
  const auto hash = deps_.hasher.hash(password);
  if (!hash) return;  // there is always a next login
  user.password_hash = hash->phc;
  if (const auto done = deps_.users.put(user); !done) telemetry::log_error("admin", "rehash_failed", done.error());
}

Result<http::Response> Login::logout(http::Request& request) {
  const AdminCaller& caller = caller_of(request);
  if (auto done = deps_.tokens.revoke(caller); !done) return std::unexpected(std::move(done).error());
  telemetry::log(telemetry::Level::info, "admin", "logout", {{"user", caller.name}});
  return http::no_content();
}

Result<http::Response> Login::me(http::Request& request) {
  const AdminCaller& caller = caller_of(request);
  std::string body;
  codec::JsonWriter(body)
      .begin_object()
      .member("username", caller.name)
      .member("role", role_name(caller.role))
      .member("tokenExpiresAt", caller.token_expires)
      .end_object();
  return http::json(std::move(body));
}

}  // namespace tollgate::services
