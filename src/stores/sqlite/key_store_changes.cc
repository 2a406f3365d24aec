// What gateways follow: SqliteKeyStore::changes_since().
#include <algorithm>

#include "base/str.h"
#include "stores/sqlite/key_row.h"
#include "stores/sqlite/key_store.h"

namespace tollgate::stores {
namespace {

using ports::KeyChanges;

// Numbers of the next changes, whatever they are, so that a page ends at one revision for keys and removals alike.
constexpr std::string_view kNextRevisions =
    "SELECT revision FROM (SELECT revision FROM keys WHERE revision > ?1 ORDER BY revision LIMIT ?2) "
    "UNION ALL SELECT revision FROM (SELECT revision FROM removals WHERE revision > ?1 ORDER BY revision LIMIT ?2) "
    "ORDER BY revision LIMIT ?2";

struct Span {
  std::uint64_t after = 0;
  std::uint64_t through = 0;
  bool is_last = true;
};

// The first `max` changes of `all`. A page is the last one exactly when no further change exists.
Result<Span> page_of(Database& database, const Span& all, std::size_t max) {
  TG_TRY(Statement rows, database.prepare(kNextRevisions));
  rows.bind(all.after, max + 1);
  std::size_t count = 0;
  Span page{.after = all.after, .through = 0, .is_last = false};
  auto done = rows.each([&](const Statement& row) {
    if (++count == max) page.through = row.unsigned_integer(0);
  });
  if (!done) return std::unexpected(std::move(done).error());
  return count > max ? page : all;
}

Result<void> add_tiers(Database& database, std::uint64_t after, KeyChanges& out) {
  TG_TRY(Statement rows,
         database.prepare("SELECT " TG_TIER_COLUMNS " FROM tiers WHERE revision > ?1 ORDER BY revision"));
  rows.bind(after);
  return rows.each([&](const Statement& row) { out.tiers.push_back(read_tier(row)); });
}

Result<void> add_keys(Database& database, const Span& span, KeyChanges& out) {
  TG_TRY(Statement rows, database.prepare("SELECT " TG_KEY_COLUMNS
                                          " FROM keys WHERE revision > ?1 AND revision <= ?2 ORDER BY revision"));
  rows.bind(span.after, span.through);
  while (true) {
    TG_TRY(const bool more, rows.step());
    if (!more) return {};
    TG_TRY(core::KeyRecord record, read_key(rows));
    out.upserted.push_back(std::move(record));
  }
}

Result<void> add_removed_keys(Database& database, const Span& span, KeyChanges& out) {
  TG_TRY(Statement rows, database.prepare("SELECT name FROM removals WHERE kind = 'key' AND revision > ?1 "
                                          "AND revision <= ?2 ORDER BY revision"));
  rows.bind(span.after, span.through);
  return rows.each([&](const Statement& row) {
    if (const auto id = core::KeyId::parse(row.text(0))) out.removed.push_back(*id);
  });
}

// All of them, since a key that left a tier may have changed again after the tier went, and come in a later page.
Result<void> add_removed_tiers(Database& database, KeyChanges& out) {
  TG_TRY(Statement rows, database.prepare("SELECT name FROM removals WHERE kind = 'tier' ORDER BY revision"));
  return rows.each([&](const Statement& row) { out.removed_tiers.emplace_back(row.text(0)); });
}

}  // namespace

Result<KeyChanges> SqliteKeyStore::changes_since(std::uint64_t revision, std::size_t max) {
  if (revision == latest_revision_.load()) return KeyChanges{.revision = revision};
  return database_.read([&](Database& database) -> Result<KeyChanges> {
    TG_TRY(const std::uint64_t latest, latest_revision(database));
    if (revision > latest) {
      return fail(codes::precondition_failed,
                  str::cat(database.path(), " is at revision ", latest, ", older than ", revision, "; read it from 0"));
    }
    TG_TRY(const Span span, page_of(database, {.after = revision, .through = latest}, std::max<std::size_t>(max, 1)));
    KeyChanges changes{.revision = span.through, .more = !span.is_last};
    if (auto done = add_tiers(database, revision, changes); !done) return std::unexpected(std::move(done).error());
    if (auto done = add_keys(database, span, changes); !done) return std::unexpected(std::move(done).error());
    // Who starts from nothing has nothing to remove.
    if (revision == 0) return changes;
    if (auto done = add_removed_keys(database, span, changes); !done) return std::unexpected(std::move(done).error());
    if (!span.is_last) return changes;
    if (auto done = add_removed_tiers(database, changes); !done) return std::unexpected(std::move(done).error());
    return changes;
  });
}

}  // namespace tollgate::stores
