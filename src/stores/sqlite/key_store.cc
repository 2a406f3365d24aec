#include "stores/sqlite/key_store.h"

#include "base/str.h"
#include "stores/sqlite/key_row.h"
#include "stores/sqlite/requests.h"

namespace tollgate::stores {
namespace {

constexpr std::string_view kWriteKey =
    "INSERT INTO keys (" TG_KEY_COLUMNS
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) "
    "ON CONFLICT (id) DO UPDATE SET name = ?2, prefix = ?3, tier = ?4, refill_micro = ?5, max_burst = ?6, "
    "tokens_per_window = ?7, state = ?8, updated_at = ?10, expires_at = ?11, secret_hash = ?12, secret_last4 = ?13, "
    "secret_until = ?14, old_secret_hash = ?15, old_secret_last4 = ?16, old_secret_until = ?17, limit_revision = ?18, "
    "revision = ?19, consumer = ?20";

std::unexpected<Error> no_such_key(core::KeyId id) {
  return fail(codes::key_not_found, str::cat("no key ", id.view()));
}

Result<std::optional<core::KeyRecord>> find_key(Database& database, core::KeyId id) {
  TG_TRY(Statement find, database.prepare("SELECT " TG_KEY_COLUMNS " FROM keys WHERE id = ?1"));
  find.bind(id.view());
  TG_TRY(const bool found, find.step());
  if (!found) return std::nullopt;
  TG_TRY(core::KeyRecord record, read_key(find));
  return record;
}

// The tier's name as it is stored.
Result<std::string> existing_tier(Database& database, const std::string& name) {
  const auto normal = core::parse_tier_name(name);
  if (normal) {
    TG_TRY(Statement find, database.prepare("SELECT 1 FROM tiers WHERE name = ?1"));
    find.bind(*normal);
    TG_TRY(const bool found, find.step());
    if (found) return *normal;
  }
  return fail(codes::tier_not_found, str::cat("no tier \"", name, "\""));
}

Result<core::KeyRecord> write_key(Database& database, core::KeyRecord record) {
  TG_TRY(record.revision, next_revision(database));
  TG_TRY(Statement write, database.prepare(kWriteKey));
  bind_key(write, record);
  if (auto done = write.run(); !done) return std::unexpected(std::move(done).error());
  return record;
}

Result<core::KeyRecord> add_key(Database& database, core::KeyRecord record, WallTime now) {
  TG_TRY(const auto existing, find_key(database, record.id));
  if (existing) return fail(codes::conflict, str::cat("key ", record.id.view(), " exists"));
  TG_TRY(record.tier, existing_tier(database, record.tier));
  record.created_at = record.updated_at = now;
  record.limit_revision = 0;
  if (auto done = forget_removal(database, RemovedKind::key, record.id.view()); !done) {
    return std::unexpected(std::move(done).error());
  }
  return write_key(database, std::move(record));
}

bool changes_effective_limit(const core::KeyRecord& before, const core::KeyRecord& after) {
  return before.limit != after.limit || (!after.limit && before.tier != after.tier);
}

struct Expected {
  std::optional<std::uint64_t> expected_revision;
  ports::WriteNote note;
  WallTime now;
};

Result<core::KeyRecord> change_key(Database& database, core::KeyRecord record, const Expected& expected) {
  TG_TRY(const auto before, find_key(database, record.id));
  if (!before) return no_such_key(record.id);
  if (auto same = check_revision(before->revision, expected.expected_revision); !same) {
    return std::unexpected(std::move(same).error());
  }
  TG_TRY(record.tier, existing_tier(database, record.tier));
  record.created_at = before->created_at;
  record.updated_at = expected.now;
  record.limit_revision = before->limit_revision + (changes_effective_limit(*before, record) ? 1 : 0);
  if (auto noted = note_write(database, expected.note, record.id.view(), expected.now); !noted) {
    return std::unexpected(std::move(noted).error());
  }
  return write_key(database, std::move(record));
}

Result<void> erase_key(Database& database, core::KeyId id, const Expected& expected) {
  TG_TRY(const auto before, find_key(database, id));
  if (!before) return no_such_key(id);
  if (auto same = check_revision(before->revision, expected.expected_revision); !same) return same;
  TG_TRY(Statement erase, database.prepare("DELETE FROM keys WHERE id = ?1"));
  if (auto done = erase.run(id.view()); !done) return done;
  if (auto left = note_removal(database, RemovedKind::key, id.view()); !left) return left;
  return note_write(database, expected.note, id.view(), expected.now);
}

Result<void> without_value(Result<core::KeyRecord> result) {
  if (!result) return std::unexpected(std::move(result).error());
  return {};
}

}  // namespace

Result<std::unique_ptr<SqliteKeyStore>> SqliteKeyStore::open(AdminDatabase& database) {
  std::unique_ptr<SqliteKeyStore> store(new SqliteKeyStore(database));
  if (auto added = store->add_built_in_tiers(); !added) return std::unexpected(std::move(added).error());
  return store;
}

void SqliteKeyStore::publish(std::uint64_t revision) {
  // Two writers may get here in the other order than they committed.
  std::uint64_t known = latest_revision_.load();
  while (known < revision && !latest_revision_.compare_exchange_weak(known, revision)) {
  }
}

Result<std::optional<std::string>> SqliteKeyStore::done_by(const ports::RequestMark& mark) {
  return database_.read([&](Database& database) { return find_done(database, mark, database_.clock().wall_now()); });
}

Result<void> SqliteKeyStore::note_done(const ports::WriteNote& note, const std::string& changed) {
  return database_.write([&](Database& database) -> Result<void> {
    const WallTime now = database_.clock().wall_now();
    if (auto first = expect_new(database, note.mark, now); !first) return first;
    return note_write(database, note, changed, now);
  });
}

Result<core::KeyRecord> SqliteKeyStore::create(core::KeyRecord record, const ports::WriteNote& note) {
  return write([&](Database& database) -> Result<core::KeyRecord> {
    const WallTime now = database_.clock().wall_now();
    if (auto first = expect_new(database, note.mark, now); !first) return std::unexpected(std::move(first).error());
    TG_TRY(core::KeyRecord made, add_key(database, std::move(record), now));
    if (auto noted = note_write(database, note, made.id.view(), now); !noted) {
      return std::unexpected(std::move(noted).error());
    }
    return made;
  });
}

Result<core::KeyRecord> SqliteKeyStore::get(core::KeyId id) {
  return database_.read([&](Database& database) -> Result<core::KeyRecord> {
    TG_TRY(auto found, find_key(database, id));
    if (!found) return no_such_key(id);
    return *std::move(found);
  });
}

Result<core::KeyRecord> SqliteKeyStore::update(core::KeyRecord record, std::optional<std::uint64_t> expected_revision,
                                               const ports::WriteNote& note) {
  return write([&](Database& database) -> Result<core::KeyRecord> {
    const WallTime now = database_.clock().wall_now();
    if (auto first = expect_new(database, note.mark, now); !first) return std::unexpected(std::move(first).error());
    return change_key(database, std::move(record), {.expected_revision = expected_revision, .note = note, .now = now});
  });
}

Result<void> SqliteKeyStore::remove(core::KeyId id, std::optional<std::uint64_t> expected_revision,
                                    const ports::WriteNote& note) {
  return write([&](Database& database) {
    const WallTime now = database_.clock().wall_now();
    return erase_key(database, id, {.expected_revision = expected_revision, .note = note, .now = now});
  });
}

Result<std::vector<Result<void>>> SqliteKeyStore::write_all(std::vector<ports::KeyWrite> writes,
                                                            const ports::RequestMark* mark) {
  return write([&](Database& database) -> Result<std::vector<Result<void>>> {
    const WallTime now = database_.clock().wall_now();
    if (auto first = expect_new(database, mark, now); !first) return std::unexpected(std::move(first).error());
    std::vector<Result<void>> results;
    for (ports::KeyWrite& one : writes) {
      const Expected expected{.expected_revision = one.expected_revision, .note = {.audit = &one.audit}, .now = now};
      results.push_back(one.remove ? erase_key(database, one.record.id, expected)
                                   : without_value(change_key(database, std::move(one.record), expected)));
      // Of the caller's making: nothing was written for this one. Anything else ends all of them.
      const bool refused = !results.back() && results.back().error().code().source == ErrorSource::caller;
      if (!results.back() && !refused) return std::unexpected(results.back().error());
    }
    if (auto noted = note_write(database, {.mark = mark}, "keys", now); !noted) {
      return std::unexpected(std::move(noted).error());
    }
    return results;
  });
}

}  // namespace tollgate::stores
