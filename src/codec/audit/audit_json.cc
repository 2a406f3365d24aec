#include "codec/audit/audit_json.h"

#include "base/str.h"
#include "crypto/sha256.h"

namespace tollgate::codec {
namespace {

std::string_view bytes_of(const ports::AuditHash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

void write_document(JsonWriter& json, std::string_view name, const std::string& document) {
  json.key(name);
  if (document.empty()) {
    json.value(nullptr);
  } else {
    json.raw(document);
  }
}

void write_canonical_members(JsonWriter& json, const ports::AuditEntry& entry) {
  const ports::AuditDraft& what = entry.what;
  json.member("seq", entry.seq)
      .member("time", entry.time)
      .member("actor", what.actor)
      .member("via", what.via)
      .member("network", what.network)
      .member("action", what.action)
      .member("object", what.object);
  write_document(json, "before", what.before);
  write_document(json, "after", what.after);
  json.member("reason", what.reason);
}

}  // namespace

std::string canonical_audit_entry(const ports::AuditEntry& entry) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_canonical_members(json, entry);
  json.end_object();
  return text;
}

ports::AuditHash audit_hash(const ports::AuditHash& before, const ports::AuditEntry& entry) {
  return crypto::sha256(str::cat(bytes_of(before), canonical_audit_entry(entry)));
}

void write_audit_entry(JsonWriter& json, const ports::AuditEntry& entry) {
  json.begin_object();
  write_canonical_members(json, entry);
  json.member("hash", audit_hash_text(entry.hash)).end_object();
}

std::string audit_hash_text(const ports::AuditHash& hash) {
  return str::to_hex(bytes_of(hash));
}

}  // namespace tollgate::codec
