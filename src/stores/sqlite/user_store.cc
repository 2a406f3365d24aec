#include "stores/sqlite/user_store.h"

#include "base/str.h"
#include "stores/sqlite/requests.h"
#include "stores/sqlite/session_store.h"

namespace tollgate::stores {
namespace {

#define TG_USER_COLUMNS "name, password_hash, role, token_version, created_at, disabled, revision"

// No REPLACE: that would take the row away first, and with it what refers to it.
constexpr std::string_view kPutUser =
    "INSERT INTO users (" TG_USER_COLUMNS
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
    "ON CONFLICT (name) DO UPDATE SET password_hash = ?2, role = ?3, token_version = ?4, created_at = ?5, "
    "disabled = ?6, revision = ?7";

ports::User read_user(const Statement& row) {
  return {.name = std::string(row.text(0)),
          .password_hash = std::string(row.text(1)),
          .role = std::string(row.text(2)),
          .token_version = static_cast<std::uint32_t>(row.unsigned_integer(3)),
          .created_at = row.time(4),
          .disabled = row.integer(5) != 0,
          .revision = row.unsigned_integer(6)};
}

Result<std::optional<ports::User>> find_user(Database& database, const std::string& name) {
  TG_TRY(Statement find, database.prepare("SELECT " TG_USER_COLUMNS " FROM users WHERE name = ?1"));
  find.bind(name);
  TG_TRY(const bool found, find.step());
  if (!found) return std::nullopt;
  ports::User user = read_user(find);
  find.reset();
  return user;
}

std::unexpected<Error> no_such_user(const std::string& name) {
  return fail(codes::not_found, str::cat("no user \"", name, "\""));
}

bool is_working_admin(const ports::User& user) {
  return user.role == "admin" && !user.disabled;
}

// After the write that may have taken the last one away.
Result<void> expect_an_admin(Database& database) {
  TG_TRY(const std::int64_t left,
         database.query_int("SELECT count(*) FROM users WHERE role = 'admin' AND disabled = 0"));
  if (left == 0) return fail(codes::last_admin);
  return {};
}

// Whether `before` may be written over, seeing what the caller expects to find there.
Result<void> check_write(const std::optional<ports::User>& before, std::optional<std::uint64_t> expected) {
  if (!expected) return {};
  if (*expected == 0 && before) return fail(codes::conflict, str::cat("there is a user \"", before->name, "\""));
  if (*expected != (before ? before->revision : 0)) return fail(codes::precondition_failed);
  return {};
}

}  // namespace

Result<std::optional<ports::User>> SqliteUserStore::find(const std::string& name) {
  return database_.read([&](Database& database) { return find_user(database, name); });
}

Result<std::vector<ports::User>> SqliteUserStore::list(const ports::UserFilter& filter) {
  return database_.read([&](Database& database) -> Result<std::vector<ports::User>> {
    TG_TRY(Statement all,
           database.prepare("SELECT " TG_USER_COLUMNS " FROM users WHERE name > ?1 ORDER BY name LIMIT ?2"));
    all.bind(filter.after, filter.limit);
    std::vector<ports::User> users;
    auto done = all.each([&](const Statement& row) { users.push_back(read_user(row)); });
    if (!done) return std::unexpected(std::move(done).error());
    return users;
  });
}

Result<std::uint64_t> SqliteUserStore::count() {
  return database_.read([](Database& database) -> Result<std::uint64_t> {
    TG_TRY(const std::int64_t count, database.query_int("SELECT count(*) FROM users"));
    return static_cast<std::uint64_t>(count);
  });
}

Result<ports::User> SqliteUserStore::put(ports::User user, const ports::UserWrite& write) {
  return database_.write([&](Database& database) -> Result<ports::User> {
    const WallTime now = database_.clock().wall_now();
    Result<void> done = expect_new(database, write.note.mark, now);
    if (!done) return std::unexpected(std::move(done).error());
    TG_TRY(const auto before, find_user(database, user.name));
    done = check_write(before, write.expected_revision);
    if (!done) return std::unexpected(std::move(done).error());
    user.revision = before ? before->revision + 1 : 1;
    TG_TRY(Statement put, database.prepare(kPutUser));
    done = put.run(user.name, user.password_hash, user.role, user.token_version, user.created_at, user.disabled,
                   user.revision);
    if (done && before && before->token_version != user.token_version) {
      done = end_sessions(database, {.user = user.name, .keep = write.keep_session});
    }
    if (done && before && is_working_admin(*before)) done = expect_an_admin(database);
    if (done) done = note_write(database, write.note, user.name, now);
    if (!done) return std::unexpected(std::move(done).error());
    return user;
  });
}

Result<void> SqliteUserStore::remove(const std::string& name, std::optional<std::uint64_t> expected_revision,
                                     const ports::WriteNote& note) {
  return database_.write([&](Database& database) -> Result<void> {
    TG_TRY(const auto before, find_user(database, name));
    if (!before) return no_such_user(name);
    if (auto same = check_write(before, expected_revision); !same) return same;
    TG_TRY(Statement erase, database.prepare("DELETE FROM users WHERE name = ?1"));
    Result<void> done = erase.run(name);
    if (done && is_working_admin(*before)) done = expect_an_admin(database);
    if (done) done = note_write(database, note, name, database_.clock().wall_now());
    return done;
  });
}

Result<std::uint32_t> SqliteUserStore::bump_token_version(const std::string& name, const ports::WriteNote& note) {
  return database_.write([&](Database& database) -> Result<std::uint32_t> {
    TG_TRY(Statement bump, database.prepare("UPDATE users SET token_version = token_version + 1 WHERE name = ?1 "
                                            "RETURNING token_version"));
    bump.bind(name);
    TG_TRY(const bool found, bump.step());
    if (!found) return no_such_user(name);
    const auto version = static_cast<std::uint32_t>(bump.unsigned_integer(0));
    bump.reset();
    Result<void> done = end_sessions(database, {.user = name});
    if (done) done = note_write(database, note, name, database_.clock().wall_now());
    if (!done) return std::unexpected(std::move(done).error());
    return version;
  });
}

Result<void> SqliteUserStore::revoke_token(const std::string& jti, WallTime expires_at, const ports::WriteNote& note) {
  return database_.write([&](Database& database) -> Result<void> {
    const WallTime now = database_.clock().wall_now();
    TG_TRY(Statement forget, database.prepare("DELETE FROM revoked_tokens WHERE expires_at <= ?1"));
    if (auto done = forget.run(now); !done) return done;
    TG_TRY(Statement revoke,
           database.prepare("INSERT OR REPLACE INTO revoked_tokens (jti, expires_at) VALUES (?1, ?2)"));
    if (auto done = revoke.run(jti, expires_at); !done) return done;
    return note_write(database, note, jti, now);
  });
}

Result<bool> SqliteUserStore::is_revoked(const std::string& jti) {
  return database_.read([&](Database& database) -> Result<bool> {
    TG_TRY(Statement find, database.prepare("SELECT 1 FROM revoked_tokens WHERE jti = ?1"));
    find.bind(jti);
    return find.step();
  });
}

}  // namespace tollgate::stores
