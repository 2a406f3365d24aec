#include "stores/sqlite/migration.h"

#include "base/assert.h"
#include "base/str.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/transaction.h"

namespace tollgate::stores {
namespace {

Result<void> apply(Database& database, const Migration& step) {
  TG_TRY(Transaction transaction, Transaction::begin(database));
  // Another process may have been faster.
  TG_TRY(const std::int64_t version, database.query_int("PRAGMA user_version"));
  if (version >= step.number) return {};
  if (auto done = database.execute(step.sql); !done) {
    return std::unexpected(std::move(done).error().while_doing(str::cat("migration ", step.name)));
  }
  if (auto done = database.execute(str::cat("PRAGMA user_version = ", step.number)); !done) return done;
  return transaction.commit();
}

}  // namespace

Result<void> migrate(Database& database, std::span<const Migration> migrations) {
  TG_TRY(const std::int64_t version, database.query_int("PRAGMA user_version"));
  const auto known = static_cast<std::int64_t>(migrations.size());
  if (version > known) {
    return fail(codes::data_dir_unusable,
                str::cat(database.path(), ": written by a newer Tollgate (schema ", version, ", this one knows ", known,
                         "); start that version, or restore a backup made before it"));
  }
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    TG_ASSERT(migrations[i].number == i + 1);
    if (migrations[i].number <= version) continue;
    if (auto done = apply(database, migrations[i]); !done) return done;
  }
  return {};
}

}  // namespace tollgate::stores
