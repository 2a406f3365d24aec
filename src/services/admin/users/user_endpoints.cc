#include "services/admin/users/user_endpoints.h"

#include <algorithm>
#include <array>

#include "base/str.h"
#include "codec/json/object_reader.h"
#include "codec/json/writer.h"
#include "crypto/secret_bytes.h"
#include "crypto/secret_policy.h"
#include "services/admin/api_input.h"
#include "services/admin/audit/audit_note.h"
#include "services/admin/lost_update.h"
#include "telemetry/log.h"

namespace tollgate::services {
namespace {

using codec::JsonObjectReader;

constexpr std::size_t kNameMax = 64;
constexpr int kEditAttempts = 5;
constexpr auto kRoles = std::to_array<codec::JsonWord<AdminRole>>(
    {{"viewer", AdminRole::viewer}, {"operator", AdminRole::operator_}, {"admin", AdminRole::admin}});

bool is_user_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+-";
  return !name.empty() && name.size() <= kNameMax && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

std::string user_object(std::string_view name) {
  return str::cat("user:", name);
}

void write_user(codec::JsonWriter& json, const ports::User& user) {
  json.begin_object()
      .member("name", user.name)
      .member("role", user.role)
      .member("disabled", user.disabled)
      .member("createdAt", user.created_at)
      .member("revision", user.revision)
      .end_object();
}

http::Response show(const ports::User& user, std::uint16_t status = 200) {
  std::string body;
  codec::JsonWriter json(body);
  write_user(json, user);
  http::Response response = http::json(std::move(body), status);
  response.header("ETag", etag(user.revision));
  return response;
}

void log_change(http::Request& request, std::string_view event, const std::string& user) {
  telemetry::log(telemetry::Level::info, "admin", event, {{"user", user}, {"by", caller_of(request).name}});
}

}  // namespace

void UserEndpoints::add_to(AdminApi& api) {
  const auto work = [this](Result<http::Response> (UserEndpoints::*member)(http::Request&)) {
    return [this, member](http::Request& request) { return (this->*member)(request); };
  };
  const auto write = [&](std::string_view pattern, Result<http::Response> (UserEndpoints::*member)(http::Request&)) {
    api.add(pattern, AdminRole::admin, with_current(work(member), work(&UserEndpoints::get)));
  };
  api.add("GET /api/admin/users", AdminRole::admin, work(&UserEndpoints::list));
  api.add_change(
      "POST /api/admin/users", AdminRole::admin,
      [this](http::Request& request, const ports::RequestMark* mark) { return create(request, mark); },
      [this](http::Request&, const std::string& changed) { return show_again(changed); });
  api.add("GET /api/admin/users/{name}", AdminRole::admin, work(&UserEndpoints::get));
  write("PATCH /api/admin/users/{name}", &UserEndpoints::patch);
  write("DELETE /api/admin/users/{name}", &UserEndpoints::remove);
  write("PUT /api/admin/users/{name}/password", &UserEndpoints::set_password);
  api.add("DELETE /api/admin/users/{name}/sessions", AdminRole::admin, work(&UserEndpoints::end_sessions));
}

Result<ports::User> UserEndpoints::find(const std::string& name) {
  TG_TRY(std::optional<ports::User> user, deps_.users.find(name));
  if (!user) return fail(codes::not_found, "no such user");
  return *std::move(user);
}

Result<std::string> UserEndpoints::hash(const std::string& user, std::string& password, std::string_view pointer) {
  const auto good = crypto::check_password({.user = user, .value = password});
  if (!good) {
    return std::unexpected(Error(codes::invalid_document, {}, {{std::string(pointer), good.error().detail()}}));
  }
  auto hashed = deps_.hasher.hash(password);
  crypto::cleanse(password);
  if (!hashed) return std::unexpected(std::move(hashed).error());
  return std::move(hashed->phc);
}

Result<http::Response> UserEndpoints::list(http::Request& request) {
  if (auto known = expect_parameters(request, {"cursor", "limit"}); !known) {
    return std::unexpected(std::move(known).error());
  }
  TG_TRY(const std::size_t limit, page_size(request));
  TG_TRY(std::vector<ports::User> users,
         deps_.users.list({.after = std::string(request.query("cursor").value_or("")), .limit = limit + 1}));
  const bool more = users.size() > limit;
  if (more) users.resize(limit);
  std::string body;
  codec::JsonWriter json(body);
  json.begin_object().key("data").begin_array();
  for (const ports::User& user : users) write_user(json, user);
  json.end_array().member("nextCursor", more ? std::optional(users.back().name) : std::nullopt).end_object();
  return http::json(std::move(body));
}

Result<http::Response> UserEndpoints::create(http::Request& request, const ports::RequestMark* mark) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  JsonObjectReader in(document);
  ports::User user;
  user.name = in.required_string("name", {.min = 1, .max = kNameMax});
  std::string password = in.required_string("password", {.min = 1, .max = 1024});
  user.role = role_name(in.required_word("role", std::span<const codec::JsonWord<AdminRole>>(kRoles)));
  if (!user.name.empty() && !is_user_name(user.name)) in.fail("name", "must be 1 to 64 of [A-Za-z0-9._@+-]");
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  TG_TRY(user.password_hash, hash(user.name, password, "/password"));
  user.created_at = deps_.clock.wall_now();
  TG_TRY(ports::AuditDraft draft, audit_draft(request, {"user.create", user_object(user.name)}));
  draft.after = audit_text(user);
  TG_TRY(const ports::User made,
         deps_.users.put(std::move(user), {.expected_revision = 0, .note = {.mark = mark, .audit = &draft}}));
  log_change(request, "user_created", made.name);
  http::Response response = show(made, 201);
  response.header("Location", str::cat("/api/admin/users/", made.name));
  return response;
}

Result<http::Response> UserEndpoints::show_again(const std::string& changed) {
  TG_TRY(const std::optional<ports::User> user, deps_.users.find(changed));
  if (user) return show(*user);
  return fail(codes::conflict,
              str::cat("The user \"", changed, "\", whom a request with this Idempotency-Key made, has been removed."));
}

Result<http::Response> UserEndpoints::get(http::Request& request) {
  TG_TRY(const ports::User user, find(std::string(request.param("name"))));
  return show(user);
}

Result<ports::User> UserEndpoints::edit(http::Request& request, std::string_view action, const EditUser& change) {
  TG_TRY(const std::optional<std::uint64_t> expected, if_match(request));
  for (int attempt = 1;; ++attempt) {
    TG_TRY(ports::User user, find(std::string(request.param("name"))));
    if (expected && *expected != user.revision) return fail(codes::precondition_failed);
    const std::uint64_t read = user.revision;
    TG_TRY(ports::AuditDraft draft, audit_draft(request, {action, user_object(user.name)}));
    draft.before = audit_text(user);
    if (auto changed = change(user); !changed) return std::unexpected(std::move(changed).error());
    draft.after = audit_text(user);
    // Whoever did this goes on with the session that it was done from, as whom they are then.
    const AdminCaller& caller = caller_of(request);
    const std::string_view keep = caller.via == CallerVia::session ? caller.credential_id : std::string_view();
    auto stored =
        deps_.users.put(std::move(user), {.keep_session = keep, .expected_revision = read, .note = {.audit = &draft}});
    const bool again = !stored && stored.error().is(codes::precondition_failed) && !expected && attempt < kEditAttempts;
    if (!again) return stored;
  }
}

Result<http::Response> UserEndpoints::patch(http::Request& request) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  JsonObjectReader in(document);
  const auto role = in.optional_word("role", std::span<const codec::JsonWord<AdminRole>>(kRoles));
  const auto disabled = in.optional_bool("disabled");
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  TG_TRY(const ports::User user, edit(request, "user.update", [&](ports::User& user) -> Result<void> {
           const std::string before = audit_text(user);
           if (role) user.role = role_name(*role);
           if (disabled) user.disabled = *disabled;
           if (audit_text(user) != before) ++user.token_version;
           return {};
         }));
  log_change(request, "user_changed", user.name);
  return show(user);
}

Result<http::Response> UserEndpoints::set_password(http::Request& request) {
  TG_TRY(const codec::JsonValue document, json_body(request));
  JsonObjectReader in(document);
  std::string password = in.required_string("password", {.min = 1, .max = 1024});
  if (auto done = in.finish(); !done) return std::unexpected(std::move(done).error());
  const std::string name(request.param("name"));
  TG_TRY(const std::string hashed, hash(name, password, "/password"));
  TG_TRY([[maybe_unused]] const ports::User user,
         edit(request, "user.password", [&](ports::User& user) -> Result<void> {
           user.password_hash = hashed;
           ++user.token_version;
           return {};
         }));
  log_change(request, "user_password_set", name);
  return http::no_content();
}

Result<http::Response> UserEndpoints::remove(http::Request& request) {
  TG_TRY(const std::optional<std::uint64_t> expected, if_match(request));
  TG_TRY(const ports::User user, find(std::string(request.param("name"))));
  TG_TRY(ports::AuditDraft draft, audit_draft(request, {"user.delete", user_object(user.name)}));
  draft.before = audit_text(user);
  if (auto done = deps_.users.remove(user.name, expected.value_or(user.revision), {.audit = &draft}); !done) {
    return std::unexpected(std::move(done).error());
  }
  log_change(request, "user_deleted", user.name);
  return http::no_content();
}

Result<http::Response> UserEndpoints::end_sessions(http::Request& request) {
  const std::string name(request.param("name"));
  TG_TRY(const ports::AuditDraft draft, audit_draft(request, {"user.sessions.end", user_object(name)}));
  TG_TRY([[maybe_unused]] const std::uint32_t version, deps_.users.bump_token_version(name, {.audit = &draft}));
  log_change(request, "user_sessions_ended", name);
  return http::no_content();
}

}  // namespace tollgate::services
