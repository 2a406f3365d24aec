#include "stores/sqlite/audit_log.h"

#include "stores/sqlite/key_store_fixture_test.h"
#include "stores/sqlite/session_store.h"
#include "stores/sqlite/user_store.h"

namespace tollgate::stores {
namespace {

class AuditLogTest : public KeyStoreTest {
 protected:
  static ports::AuditDraft draft(const std::string& actor, const std::string& action, const std::string& object) {
    return {.actor = actor,
            .via = "session",
            .network = "192.0.2.7",
            .action = action,
            .object = object,
            .before = R"({"a":1})",
            .after = {},
            .reason = "why"};
  }
  SqliteAuditLog log() { return SqliteAuditLog(*database_); }
  void add(const std::string& actor, const std::string& action, const std::string& object) {
    ASSERT_TRUE(log().append(draft(actor, action, object)));
  }
  std::vector<std::uint64_t> found(const ports::AuditFilter& filter) {
    std::vector<std::uint64_t> all;
    const auto page = log().list(filter).value();
    for (const ports::AuditEntry& entry : page.entries) all.push_back(entry.seq);
    return all;
  }
  std::size_t entries() { return log().verify().value().entries; }
  // As somebody would who edits the file.
  void tamper(std::string_view sql) {
    close();
    auto file = Database::open(path_, {.migrations = admin_migrations()}).value();
    ASSERT_TRUE(file.execute("DROP TRIGGER audit_is_not_altered; DROP TRIGGER audit_is_not_shortened"));
    ASSERT_TRUE(file.execute(sql));
  }
};

using Seqs = std::vector<std::uint64_t>;

TEST_F(AuditLogTest, EntriesAreKeptAsTheyWereAndChained) {
  add("anna", "key.create", "key:a");
  clock_.advance(Nanos(1'500'001));
  add("", "login.refused", "user:");
  reopen();
  const auto page = log().list({.oldest_first = true}).value();
  ASSERT_EQ(page.entries.size(), 2u);
  EXPECT_EQ(page.entries[0].what.actor, "anna");
  EXPECT_EQ(page.entries[0].what.before, R"({"a":1})");
  EXPECT_EQ(page.entries[0].what.after, "");
  EXPECT_EQ(page.entries[0].what.reason, "why");
  EXPECT_EQ(page.entries[1].time, std::chrono::floor<Millis>(clock_.wall_now()));
  const auto verdict = log().verify().value();
  EXPECT_EQ(verdict.entries, 2u);
  EXPECT_EQ(verdict.first_broken, std::nullopt);
  EXPECT_EQ(verdict.head, page.entries[1].hash);
  EXPECT_NE(page.entries[0].hash, page.entries[1].hash);
  EXPECT_EQ(SqliteAuditLog::verify_file(path_).value().head, verdict.head) << "while a server has the file open";
}

TEST_F(AuditLogTest, WhoeverAltersOrRemovesOneIsFound) {
  struct Case {
    const char* sql;
    std::uint64_t first_broken;
  };
  for (int i = 0; i < 5; ++i) add("anna", "key.update", "key:a");
  for (const auto& [sql, first_broken] :
       {Case{"UPDATE audit SET actor = 'bob' WHERE seq = 2", 2},
        Case{"UPDATE audit SET time = time + 1000000 WHERE seq = 1", 1}, Case{"DELETE FROM audit WHERE seq = 3", 4},
        Case{"UPDATE audit SET hash = zeroblob(32) WHERE seq = 4", 4}, Case{"DELETE FROM audit WHERE seq = 1", 2}}) {
    tamper(str::cat("CREATE TABLE kept AS SELECT * FROM audit; ", sql));
    reopen();
    EXPECT_EQ(log().verify().value().first_broken, first_broken) << sql;
    EXPECT_EQ(SqliteAuditLog::verify_file(path_).value().first_broken, first_broken) << sql;
    close();
    auto file = Database::open(path_, {.migrations = admin_migrations()}).value();
    ASSERT_TRUE(
        file.execute("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept;"
                     "CREATE TRIGGER audit_is_not_altered BEFORE UPDATE ON audit BEGIN SELECT 1; END;"
                     "CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit BEGIN SELECT 1; END;"));
  }
  reopen();
  EXPECT_EQ(log().verify().value().first_broken, std::nullopt) << "restored as it was";
}

TEST_F(AuditLogTest, TheDatabaseItselfAltersAndShortensNothing) {
  add("anna", "key.create", "key:a");
  for (const char* sql : {"UPDATE audit SET actor = 'bob'", "DELETE FROM audit"}) {
    EXPECT_FALSE(database_->write([&](Database& database) { return database.execute(sql); })) << sql;
  }
  EXPECT_EQ(log().verify().value().first_broken, std::nullopt);
}

TEST_F(AuditLogTest, IsFilteredByWhoWhatAndWhenInPages) {
  add("anna", "key.create", "key:a");
  add("bob", "key.delete", "key:b");
  clock_.advance(Seconds(10));
  add("anna", "tier.update", "tier:a");
  add("anna", "keyring.open", "keyring:a");
  EXPECT_EQ(found({}), (Seqs{4, 3, 2, 1}));
  EXPECT_EQ(found({.actor = "anna"}), (Seqs{4, 3, 1}));
  EXPECT_EQ(found({.action = "key"}), (Seqs{2, 1}));
  EXPECT_EQ(found({.action = "key.delete"}), (Seqs{2}));
  EXPECT_EQ(found({.object = "key"}), (Seqs{2, 1}));
  EXPECT_EQ(found({.object = "key:a"}), (Seqs{1}));
  EXPECT_EQ(found({.actor = "anna", .object = "key:b"}), Seqs{});
  EXPECT_EQ(found({.from = clock_.wall_now() - Seconds(1)}), (Seqs{4, 3}));
  EXPECT_EQ(found({.to = clock_.wall_now() - Seconds(1)}), (Seqs{2, 1}));
  EXPECT_EQ(found({.oldest_first = true, .after_seq = 2}), (Seqs{3, 4}));
  const auto first = log().list({.limit = 3}).value();
  EXPECT_EQ(first.next, 2u);
  EXPECT_EQ(found({.after_seq = first.next, .limit = 3}), (Seqs{1}));
  EXPECT_EQ(log().list({.limit = 4}).value().next, 0u);
}

// Each write of each store, with a note: all of it or nothing.
TEST_F(AuditLogTest, AnEntryIsWrittenWithItsChangeOrNeitherIs) {
  const ports::AuditDraft note = draft("anna", "x", "y");
  SqliteUserStore users(*database_);
  SqliteSessionStore sessions(*database_);
  ports::User user{.name = "anna", .password_hash = "x", .role = "viewer", .token_version = 1, .created_at = {}};
  std::size_t expected = 0;
  const auto writes = [&](const auto& result) {
    EXPECT_TRUE(result);
    EXPECT_EQ(entries(), ++expected);
  };
  const auto fails = [&](const auto& result) {
    EXPECT_FALSE(result);
    EXPECT_EQ(entries(), expected) << "nothing changed, nothing to tell";
  };
  const ports::WriteNote audit{.audit = &note};
  writes(store_->create(key_record(1), audit));
  fails(store_->create(key_record(1), audit));
  core::KeyRecord record = store_->get(key_id(1)).value();
  writes(store_->update(record, record.revision, audit));
  fails(store_->update(record, record.revision, audit));
  writes(store_->put_tier({.name = "gold", .title = "Gold", .limit = kSomeLimit}, 0, audit));
  fails(store_->put_tier({.name = "gold", .title = "Gold", .limit = kSomeLimit}, 0, audit));
  writes(store_->remove_tier("gold", std::nullopt, audit));
  fails(store_->remove_tier("gold", std::nullopt, audit));
  writes(store_->remove(key_id(1), std::nullopt, audit));
  fails(store_->remove(key_id(1), std::nullopt, audit));
  writes(store_->note_done(audit, "elsewhere"));
  writes(users.put(user, {.expected_revision = 0, .note = audit}));
  fails(users.put(user, {.expected_revision = 0, .note = audit}));
  writes(users.bump_token_version("anna", audit));
  fails(users.bump_token_version("nobody", audit));
  writes(users.revoke_token("jti", clock_.wall_now() + Seconds(1), audit));
  const ports::Session session{.id = "s",
                               .user = "anna",
                               .secret_hash = {1},
                               .last_seen_at = clock_.wall_now(),
                               .expires_at = clock_.wall_now() + Seconds(9)};
  writes(sessions.add(session, audit));
  fails(sessions.add(session, audit));
  EXPECT_FALSE(sessions.end("anna", "t", audit).value());
  EXPECT_EQ(entries(), expected);
  writes(sessions.end("anna", "s", audit));
  writes(sessions.end_all("anna", {}, audit));
  writes(users.remove("anna", std::nullopt, audit));
  fails(users.remove("anna", std::nullopt, audit));
}

}  // namespace
}  // namespace tollgate::stores
