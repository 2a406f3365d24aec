#include "stores/sqlite/creations.h"

#include "base/str.h"

namespace tollgate::stores {
namespace {

Blob blob_of(const ports::CreationMark::Digest& digest) {
  return {.bytes = {reinterpret_cast<const char*>(digest.data()), digest.size()}};
}

}  // namespace

Result<std::optional<core::KeyId>> find_creation(Database& database, const ports::CreationMark& mark, WallTime now) {
  TG_TRY(Statement find, database.prepare("SELECT key_id, document FROM creations "
                                          "WHERE caller = ?1 AND mark = ?2 AND expires_at > ?3"));
  find.bind(mark.caller, blob_of(mark.key), now);
  TG_TRY(const bool found, find.step());
  if (!found) return std::nullopt;
  const auto id = core::KeyId::parse(find.text(0));
  const bool same_document = find.blob(1) == blob_of(mark.document).bytes;
  find.reset();
  if (!id) return fail(codes::store_corrupt, str::cat(database.path(), ": a creation names no key"));
  if (!same_document) {
    return fail(codes::conflict, "This Idempotency-Key was used for another document. Take a new one for a new key.");
  }
  return id;
}

Result<void> note_creation(Database& database, const ports::CreationMark& mark, core::KeyId made, WallTime now) {
  TG_TRY(Statement forget, database.prepare("DELETE FROM creations WHERE expires_at <= ?1"));
  if (auto done = forget.run(now); !done) return done;
  TG_TRY(Statement note, database.prepare("INSERT INTO creations (caller, mark, document, key_id, expires_at) "
                                          "VALUES (?1, ?2, ?3, ?4, ?5)"));
  return note.run(mark.caller, blob_of(mark.key), blob_of(mark.document), made.view(),
                  now + ports::kCreationRemembered);
}

}  // namespace tollgate::stores
