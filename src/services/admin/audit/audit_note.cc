#include "services/admin/audit/audit_note.h"

#include "base/str.h"
#include "codec/json/writer.h"
#include "services/admin/admin_api.h"
#include "services/admin/limits_json.h"

namespace tollgate::services {

Result<ports::AuditDraft> audit_draft(http::Request& request, AuditSubject subject) {
  const std::string_view reason = request.header("X-Tollgate-Reason");
  if (reason.size() > kReasonMax) {
    return fail(codes::invalid_parameter, str::cat("X-Tollgate-Reason must have at most ", kReasonMax, " bytes."));
  }
  const AdminCaller& caller = caller_of(request);
  ports::AuditDraft draft = audit_draft_of(request, caller.name, std::move(subject));
  draft.via = via_name(caller.via);
  draft.reason = reason;
  return draft;
}

ports::AuditDraft audit_draft_of(const http::Request& request, std::string actor, AuditSubject subject) {
  return {.actor = std::move(actor),
          .via = "password",
          .network = request.peer().ip.to_string(),
          .action = std::string(subject.action),
          .object = std::move(subject.object),
          .before = {},
          .after = {},
          .reason = {}};
}

std::string audit_text(const core::KeyRecord& key) {
  std::string text;
  codec::JsonWriter json(text);
  json.begin_object()
      .member("name", key.name)
      .member("tier", key.tier)
      .member("consumer", key.consumer)
      .member("status", key.state == core::KeyState::active ? "active" : "disabled")
      .member("expiresAt", key.expires_at)
      .key("limit");
  if (key.limit) {
    json.begin_object();
    write_limit_numbers(json, *key.limit);
    json.end_object();
  } else {
    json.value(nullptr);
  }
  json.member("last4", key.secrets.empty() ? std::string() : key.secrets.front().last4)
      .member("oldSecretValidUntil", key.secrets.size() > 1 ? key.secrets[1].valid_until : std::nullopt)
      .end_object();
  return text;
}

std::string audit_text(const core::Tier& tier) {
  std::string text;
  codec::JsonWriter json(text);
  json.begin_object().member("title", tier.title);
  write_limit_numbers(json, tier.limit);
  json.end_object();
  return text;
}

std::string audit_text(const ports::User& user) {
  std::string text;
  codec::JsonWriter(text).begin_object().member("role", user.role).member("disabled", user.disabled).end_object();
  return text;
}

std::string key_object(const core::KeyId& id) {
  return str::cat("key:", id.view());
}

}  // namespace tollgate::services
