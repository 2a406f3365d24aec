#include "stores/sqlite/requests.h"

#include "stores/sqlite/audit_log.h"

namespace tollgate::stores {
namespace {

Blob blob_of(const ports::RequestMark::Digest& digest) {
  return {.bytes = {reinterpret_cast<const char*>(digest.data()), digest.size()}};
}

}  // namespace

Result<std::optional<std::string>> find_done(Database& database, const ports::RequestMark& mark, WallTime now) {
  TG_TRY(Statement find, database.prepare("SELECT changed, target, document FROM requests "
                                          "WHERE caller = ?1 AND mark = ?2 AND expires_at > ?3"));
  find.bind(mark.caller, blob_of(mark.key), now);
  TG_TRY(const bool found, find.step());
  if (!found) return std::nullopt;
  std::string changed(find.text(0));
  const bool same = find.blob(1) == blob_of(mark.target).bytes && find.blob(2) == blob_of(mark.document).bytes;
  find.reset();
  if (!same) return fail(codes::conflict, "This Idempotency-Key was used for another request. Take a new one.");
  return changed;
}

Result<void> expect_new(Database& database, const ports::RequestMark* mark, WallTime now) {
  if (mark == nullptr) return {};
  TG_TRY(const auto before, find_done(database, *mark, now));
  if (before) return fail(codes::conflict, "a request with this Idempotency-Key has been done");
  return {};
}

Result<void> note_write(Database& database, const ports::WriteNote& written, std::string_view changed, WallTime now) {
  if (auto done = append_audit(database, written.audit, now); !done) return done;
  const ports::RequestMark* const mark = written.mark;
  if (mark == nullptr) return {};
  TG_TRY(Statement forget, database.prepare("DELETE FROM requests WHERE expires_at <= ?1"));
  if (auto done = forget.run(now); !done) return done;
  TG_TRY(Statement note, database.prepare("INSERT INTO requests (caller, mark, target, document, changed, expires_at) "
                                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  return note.run(mark->caller, blob_of(mark->key), blob_of(mark->target), blob_of(mark->document), changed,
                  now + ports::kRequestRemembered);
}

}  // namespace tollgate::stores
