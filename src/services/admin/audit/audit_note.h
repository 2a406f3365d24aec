// Entries of the audit log for what requests change: who asked, from where, and why.
//
// Thread safety: pure.
#pragma once

#include <string>
#include <string_view>

#include "core/access/key_record.h"
#include "core/policy/tier.h"
#include "http/request.h"
#include "ports/audit_log.h"
#include "ports/user_store.h"

namespace tollgate::services {

inline constexpr std::size_t kReasonMax = 500;  // bytes

struct AuditSubject {
  std::string_view action;  // "key.create"
  std::string object;       // "key:AbCdEfGhIj"
};

// After the guard. The reason is X-Tollgate-Reason; invalid_parameter when it is longer than kReasonMax.
Result<ports::AuditDraft> audit_draft(http::Request& request, AuditSubject subject);
// Of somebody who is not signed in: `actor` is a user that exists, or empty.
ports::AuditDraft audit_draft_of(const http::Request& request, std::string actor, AuditSubject subject);

// What is kept of a thing before and after a change, as JSON: what people set, and no secret or its hash.
std::string audit_text(const core::KeyRecord& key);
std::string audit_text(const core::Tier& tier);
std::string audit_text(const ports::User& user);

std::string key_object(const core::KeyId& id);

}  // namespace tollgate::services
