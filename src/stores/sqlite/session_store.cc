#include "stores/sqlite/session_store.h"

#include <algorithm>

#include "base/str.h"
#include "stores/sqlite/requests.h"

namespace tollgate::stores {
namespace {

#define TG_SESSION_COLUMNS "id, user, secret_hash, created_at, last_seen_at, expires_at, network, user_agent"

Blob blob_of(const ports::Session::Digest& digest) {
  return {.bytes = {reinterpret_cast<const char*>(digest.data()), digest.size()}};
}

ports::Session read_session(const Statement& row) {
  ports::Session session{.id = std::string(row.text(0)),
                         .user = std::string(row.text(1)),
                         .secret_hash = {},
                         .created_at = row.time(3),
                         .last_seen_at = row.time(4),
                         .expires_at = row.time(5),
                         .network = std::string(row.text(6)),
                         .user_agent = std::string(row.text(7))};
  const std::string_view hash = row.blob(2);
  std::ranges::copy_n(hash.data(), static_cast<std::ptrdiff_t>(std::min(hash.size(), session.secret_hash.size())),
                      session.secret_hash.data());
  return session;
}

Result<void> forget_those_over(Database& database, WallTime now) {
  TG_TRY(Statement forget, database.prepare("DELETE FROM sessions WHERE expires_at <= ?1 OR last_seen_at <= ?2"));
  return forget.run(now, now - ports::kSessionIdle);
}

// Leaves room for one more.
Result<void> make_room(Database& database, std::string_view user) {
  TG_TRY(Statement oldest, database.prepare("DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE user = ?1 "
                                            "ORDER BY last_seen_at DESC, id LIMIT -1 OFFSET ?2)"));
  return oldest.run(user, ports::kSessionsPerUser - 1);
}

Result<void> expect_user(Database& database, std::string_view user) {
  TG_TRY(Statement find, database.prepare("SELECT 1 FROM users WHERE name = ?1"));
  find.bind(user);
  TG_TRY(const bool found, find.step());
  find.reset();
  if (!found) return fail(codes::not_found, str::cat("no user \"", user, "\""));
  return {};
}

}  // namespace

Result<void> end_sessions(Database& database, const SessionsToEnd& which) {
  TG_TRY(Statement end, database.prepare("DELETE FROM sessions WHERE user = ?1 AND id <> ?2"));
  return end.run(which.user, which.keep);
}

Result<void> SqliteSessionStore::add(const ports::Session& session, const ports::WriteNote& note) {
  return database_.write([&](Database& database) -> Result<void> {
    if (auto known = expect_user(database, session.user); !known) return known;
    if (auto done = forget_those_over(database, database_.clock().wall_now()); !done) return done;
    if (auto done = make_room(database, session.user); !done) return done;
    TG_TRY(Statement add,
           database.prepare("INSERT INTO sessions (" TG_SESSION_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
    auto added = add.run(session.id, session.user, blob_of(session.secret_hash), session.created_at,
                         session.last_seen_at, session.expires_at, session.network, session.user_agent);
    if (!added) return added;
    return note_write(database, note, session.id, database_.clock().wall_now());
  });
}

Result<std::optional<ports::Session>> SqliteSessionStore::find(const ports::Session::Digest& secret_hash) {
  return database_.read([&](Database& database) -> Result<std::optional<ports::Session>> {
    TG_TRY(Statement find, database.prepare("SELECT " TG_SESSION_COLUMNS " FROM sessions WHERE secret_hash = ?1"));
    find.bind(blob_of(secret_hash));
    TG_TRY(const bool found, find.step());
    if (!found) return std::nullopt;
    return read_session(find);
  });
}

Result<std::vector<ports::Session>> SqliteSessionStore::list(const std::string& user) {
  return database_.read([&](Database& database) -> Result<std::vector<ports::Session>> {
    TG_TRY(Statement all, database.prepare("SELECT " TG_SESSION_COLUMNS
                                           " FROM sessions WHERE user = ?1 ORDER BY created_at DESC, id"));
    all.bind(user);
    std::vector<ports::Session> sessions;
    const WallTime now = database_.clock().wall_now();
    auto done = all.each([&](const Statement& row) {
      ports::Session session = read_session(row);
      if (!is_over(session, now)) sessions.push_back(std::move(session));
    });
    if (!done) return std::unexpected(std::move(done).error());
    return sessions;
  });
}

Result<void> SqliteSessionStore::touch(const std::string& id, WallTime seen_at) {
  return database_.write([&](Database& database) -> Result<void> {
    TG_TRY(Statement touch, database.prepare("UPDATE sessions SET last_seen_at = max(last_seen_at, ?2) WHERE id = ?1"));
    return touch.run(id, seen_at);
  });
}

Result<bool> SqliteSessionStore::end(const std::string& user, const std::string& id, const ports::WriteNote& note) {
  return database_.write([&](Database& database) -> Result<bool> {
    TG_TRY(Statement end, database.prepare("DELETE FROM sessions WHERE user = ?1 AND id = ?2"));
    if (auto done = end.run(user, id); !done) return std::unexpected(std::move(done).error());
    if (database.changed_rows() == 0) return false;
    auto noted = note_write(database, note, id, database_.clock().wall_now());
    if (!noted) return std::unexpected(std::move(noted).error());
    return true;
  });
}

Result<void> SqliteSessionStore::end_all(const std::string& user, std::string_view keep, const ports::WriteNote& note) {
  return database_.write([&](Database& database) -> Result<void> {
    if (auto ended = end_sessions(database, {.user = user, .keep = keep}); !ended) return ended;
    return note_write(database, note, user, database_.clock().wall_now());
  });
}

}  // namespace tollgate::stores
