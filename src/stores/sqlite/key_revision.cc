#include "stores/sqlite/key_revision.h"

#include "base/str.h"

namespace tollgate::stores {
namespace {

std::string_view text_of(RemovedKind kind) {
  return kind == RemovedKind::key ? "key" : "tier";
}

}  // namespace

Result<std::uint64_t> latest_revision(Database& database) {
  TG_TRY(const std::int64_t value, database.query_int("SELECT value FROM counters WHERE name = 'revision'"));
  return static_cast<std::uint64_t>(value);
}

Result<std::uint64_t> next_revision(Database& database) {
  auto raised = database.execute("UPDATE counters SET value = value + 1 WHERE name = 'revision'");
  if (!raised) return std::unexpected(std::move(raised).error());
  return latest_revision(database);
}

Result<void> check_revision(std::uint64_t current, std::optional<std::uint64_t> expected) {
  if (!expected || *expected == current) return {};
  return fail(codes::precondition_failed, str::cat("its revision is ", current, " now"));
}

Result<void> note_removal(Database& database, RemovedKind kind, std::string_view name) {
  TG_TRY(const std::uint64_t revision, next_revision(database));
  TG_TRY(Statement insert, database.prepare("INSERT INTO removals (revision, kind, name) VALUES (?1, ?2, ?3)"));
  return insert.run(revision, text_of(kind), name);
}

Result<void> forget_removal(Database& database, RemovedKind kind, std::string_view name) {
  TG_TRY(Statement forget, database.prepare("DELETE FROM removals WHERE kind = ?1 AND name = ?2"));
  return forget.run(text_of(kind), name);
}

}  // namespace tollgate::stores
