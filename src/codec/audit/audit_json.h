// An entry of the audit log as JSON, and the hash that chains it to the one before.
//
// The canonical form has its members in one order and no space; an exported line is that, with "hash" at its end. So
// anybody can check an export: SHA-256 over the 32 bytes of the hash before (of entry 1: zeros) and the line without
// `,"hash":"…"` is the line's hash. Pure. Thread safety: any.
#pragma once

#include <string>

#include "codec/json/writer.h"
#include "ports/audit_log.h"

namespace tollgate::codec {

std::string canonical_audit_entry(const ports::AuditEntry& entry);
// What follows `before`; the entry's own hash is not looked at.
ports::AuditHash audit_hash(const ports::AuditHash& before, const ports::AuditEntry& entry);
// The canonical members and the hash.
void write_audit_entry(JsonWriter& json, const ports::AuditEntry& entry);
std::string audit_hash_text(const ports::AuditHash& hash);  // 64 hex digits

}  // namespace tollgate::codec
