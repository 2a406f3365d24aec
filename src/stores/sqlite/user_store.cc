#include "stores/sqlite/user_store.h"

#include "base/str.h"
#include "stores/sqlite/session_store.h"

namespace tollgate::stores {
namespace {

// No REPLACE: that would take the row away first, and with it what refers to it.
constexpr std::string_view kPutUser =
    "INSERT INTO users (name, password_hash, role, token_version, created_at) VALUES (?1, ?2, ?3, ?4, ?5) "
    "ON CONFLICT (name) DO UPDATE SET password_hash = ?2, role = ?3, token_version = ?4, created_at = ?5";

Result<bool> has_token_version(Database& database, const ports::User& user) {
  TG_TRY(Statement find, database.prepare("SELECT 1 FROM users WHERE name = ?1 AND token_version = ?2"));
  find.bind(user.name, user.token_version);
  TG_TRY(const bool found, find.step());
  find.reset();
  return found;
}

}  // namespace

Result<std::optional<ports::User>> SqliteUserStore::find(const std::string& name) {
  return database_.read([&](Database& database) -> Result<std::optional<ports::User>> {
    TG_TRY(Statement find, database.prepare("SELECT name, password_hash, role, token_version, created_at "
                                            "FROM users WHERE name = ?1"));
    find.bind(name);
    TG_TRY(const bool found, find.step());
    if (!found) return std::nullopt;
    return ports::User{.name = std::string(find.text(0)),
                       .password_hash = std::string(find.text(1)),
                       .role = std::string(find.text(2)),
                       .token_version = static_cast<std::uint32_t>(find.unsigned_integer(3)),
                       .created_at = find.time(4)};
  });
}

Result<std::uint64_t> SqliteUserStore::count() {
  return database_.read([](Database& database) -> Result<std::uint64_t> {
    TG_TRY(const std::int64_t count, database.query_int("SELECT count(*) FROM users"));
    return static_cast<std::uint64_t>(count);
  });
}

Result<void> SqliteUserStore::put(const ports::User& user, std::string_view keep_session) {
  return database_.write([&](Database& database) -> Result<void> {
    TG_TRY(const bool same_version, has_token_version(database, user));
    TG_TRY(Statement put, database.prepare(kPutUser));
    auto done = put.run(user.name, user.password_hash, user.role, user.token_version, user.created_at);
    if (!done || same_version) return done;
    return end_sessions(database, {.user = user.name, .keep = keep_session});
  });
}

Result<std::uint32_t> SqliteUserStore::bump_token_version(const std::string& name) {
  return database_.write([&](Database& database) -> Result<std::uint32_t> {
    TG_TRY(Statement bump, database.prepare("UPDATE users SET token_version = token_version + 1 WHERE name = ?1 "
                                            "RETURNING token_version"));
    bump.bind(name);
    TG_TRY(const bool found, bump.step());
    if (!found) return fail(codes::not_found, str::cat("no user \"", name, "\""));
    const auto version = static_cast<std::uint32_t>(bump.unsigned_integer(0));
    bump.reset();
    if (auto ended = end_sessions(database, {.user = name}); !ended) return std::unexpected(std::move(ended).error());
    return version;
  });
}

Result<void> SqliteUserStore::revoke_token(const std::string& jti, WallTime expires_at) {
  return database_.write([&](Database& database) -> Result<void> {
    TG_TRY(Statement forget, database.prepare("DELETE FROM revoked_tokens WHERE expires_at <= ?1"));
    if (auto done = forget.run(database_.clock().wall_now()); !done) return done;
    TG_TRY(Statement revoke,
           database.prepare("INSERT OR REPLACE INTO revoked_tokens (jti, expires_at) VALUES (?1, ?2)"));
    return revoke.run(jti, expires_at);
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
