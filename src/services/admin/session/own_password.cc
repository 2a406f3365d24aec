#include "services/admin/session/own_password.h"

#include "base/str.h"
#include "codec/json/object_reader.h"
#include "crypto/secret_bytes.h"
#include "crypto/secret_policy.h"
#include "services/admin/api_input.h"
#include "services/admin/audit/audit_note.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

Error fault(std::string_view pointer, std::string detail) {
  return Error(codes::invalid_document, {}, {{std::string(pointer), std::move(detail)}});
}

}  // namespace

void OwnPassword::add_to(AdminApi& api) {
  api.add_waiting("PUT /api/admin/me/password", AdminRole::viewer,
                  [this](http::Request& request) { return change(request); });
}

Result<OwnPassword::Change> OwnPassword::read_change(http::Request& request) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  codec::JsonObjectReader in(document);
  Change change{.current = in.required_string("current", {.min = 1, .max = 1024}),
                .wanted = in.required_string("new", {.min = 1, .max = 1024})};
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  const auto good = crypto::check_password({.user = caller_of(request).name, .value = change.wanted});
  if (!good) return std::unexpected(fault("/new", good.error().detail()));
  return change;
}

Task<Result<http::Response>> OwnPassword::change(http::Request& request) {
  auto change = read_change(request);
  if (!change) co_return std::unexpected(std::move(change).error());
  Task<SignIn::SignedIn> signing = deps_.sign_in.sign_in_as(
      request, {.username = caller_of(request).name, .password = std::move(change->current)}, "user.password.refused");
  auto user = co_await signing;
  // Not 401: who is calling is known, and stays.
  if (!user && user.error().status == 401) co_return std::unexpected(fault("/current", "is not the current password"));
  if (!user) co_return std::move(user).error();
  auto storing = deps_.sign_in.pool().run(request.loop(), [&] { return store(request, *user, change->wanted); });
  auto stored = co_await storing;
  crypto::cleanse(change->wanted);
  co_return std::move(stored);
}

Result<http::Response> OwnPassword::store(http::Request& request, ports::User user, const std::string& password) {
  TG_TRY(crypto::PasswordHash hash, deps_.hasher.hash(password));
  user.password_hash = std::move(hash.phc);
  ++user.token_version;
  const AdminCaller& caller = caller_of(request);
  const std::string_view keep = caller.via == CallerVia::session ? caller.credential_id : std::string_view();
  TG_TRY(const ports::AuditDraft draft, audit_draft(request, {"user.password", str::cat("user:", user.name)}));
  const std::uint64_t read = user.revision;
  auto done =
      deps_.users.put(std::move(user), {.keep_session = keep, .expected_revision = read, .note = {.audit = &draft}});
  if (!done) return std::unexpected(std::move(done).error());
  telemetry::log(telemetry::Level::info, "admin", "password_changed", {{"user", caller.name}});
  return http::no_content();
}

}  // namespace tollgate::services
