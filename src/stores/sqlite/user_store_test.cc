#include "stores/sqlite/user_store.h"

#include <gtest/gtest.h>

#include "stores/sqlite/scratch_directory_test.h"

namespace tollgate::stores {
namespace {

class UserStoreTest : public testing::Test {
 protected:
  UserStoreTest() { reopen(); }
  void reopen() {
    database_.reset();
    database_ = AdminDatabase::open(scratch_.file("admin.db"), clock_).value();
    store_.emplace(*database_);
  }
  ports::User alice() {
    return {.name = "alice",
            .password_hash = "$argon2id$…",
            .role = "operator",
            .token_version = 3,
            .created_at = clock_.wall_now()};
  }

  ScratchDirectory scratch_;
  ManualClock clock_;
  std::unique_ptr<AdminDatabase> database_;
  std::optional<SqliteUserStore> store_;
};

TEST_F(UserStoreTest, UsersSurviveAReopen) {
  EXPECT_EQ(store_->count().value(), 0u);
  EXPECT_EQ(store_->find("alice").value(), std::nullopt);
  ASSERT_TRUE(store_->put(alice()));
  reopen();
  EXPECT_EQ(store_->count().value(), 1u);
  const auto found = store_->find("alice").value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->password_hash, alice().password_hash);
  EXPECT_EQ(found->role, "operator");
  EXPECT_EQ(found->token_version, 3u);
  EXPECT_EQ(found->created_at, clock_.wall_now());
  EXPECT_FALSE(store_->find("Alice").value());
  EXPECT_FALSE(store_->find("alice' --").value());
}

TEST_F(UserStoreTest, PutReplacesByName) {
  ASSERT_TRUE(store_->put(alice()));
  ports::User changed = alice();
  changed.role = "viewer";
  ASSERT_TRUE(store_->put(changed));
  EXPECT_EQ(store_->count().value(), 1u);
  EXPECT_EQ(store_->find("alice").value()->role, "viewer");
}

TEST_F(UserStoreTest, BumpingEndsEveryTokenOfThatUserOnly) {
  ASSERT_TRUE(store_->put(alice()));
  ports::User bob = alice();
  bob.name = "bob";
  ASSERT_TRUE(store_->put(bob));
  EXPECT_EQ(store_->bump_token_version("alice").value(), 4u);
  EXPECT_EQ(store_->find("alice").value()->token_version, 4u);
  EXPECT_EQ(store_->find("bob").value()->token_version, 3u);
  EXPECT_TRUE(store_->bump_token_version("carol").error().is(codes::not_found));
}

TEST_F(UserStoreTest, ARevokedTokenStaysRevokedUntilItExpires) {
  const WallTime end = clock_.wall_now() + Seconds(900);
  EXPECT_FALSE(store_->is_revoked("j1").value());
  ASSERT_TRUE(store_->revoke_token("j1", end));
  ASSERT_TRUE(store_->revoke_token("j1", end));
  reopen();
  EXPECT_TRUE(store_->is_revoked("j1").value());
  EXPECT_FALSE(store_->is_revoked("j2").value());
  clock_.advance(Seconds(899));
  ASSERT_TRUE(store_->revoke_token("j2", end + Seconds(900)));
  EXPECT_TRUE(store_->is_revoked("j1").value());
  clock_.advance(Seconds(1));
  ASSERT_TRUE(store_->revoke_token("j3", end + Seconds(900)));
  EXPECT_FALSE(store_->is_revoked("j1").value()) << "nothing to remember: it has expired";
  EXPECT_TRUE(store_->is_revoked("j2").value());
}

TEST_F(UserStoreTest, AWriteThatHasNotSeenTheLatestIsRefused) {
  const ports::User made = store_->put(alice(), {.expected_revision = 0}).value();
  EXPECT_TRUE(store_->put(alice(), {.expected_revision = 0}).error().is(codes::conflict));
  const ports::User changed = store_->put(alice(), {.expected_revision = made.revision}).value();
  EXPECT_GT(changed.revision, made.revision);
  EXPECT_TRUE(store_->put(alice(), {.expected_revision = made.revision}).error().is(codes::precondition_failed));
  EXPECT_TRUE(store_->remove("alice", made.revision, {}).error().is(codes::precondition_failed));
  EXPECT_TRUE(store_->remove("alice", changed.revision, {}));
  EXPECT_TRUE(store_->remove("alice", std::nullopt, {}).error().is(codes::not_found));
  EXPECT_TRUE(store_->put(alice(), {.expected_revision = 1}).error().is(codes::precondition_failed));
}

TEST_F(UserStoreTest, TheLastAdminStaysHoweverItIsTried) {
  ports::User admin = alice();
  admin.role = "admin";
  ports::User other = admin;
  other.name = "bob";
  ASSERT_TRUE(store_->put(admin));
  ASSERT_TRUE(store_->put(other));
  other.disabled = true;
  ASSERT_TRUE(store_->put(other));
  const auto is_last = [](const auto& result) { return !result && result.error().is(codes::last_admin); };
  ports::User demoted = admin;
  demoted.role = "operator";
  ports::User disabled = admin;
  disabled.disabled = true;
  EXPECT_TRUE(is_last(store_->put(demoted)));
  EXPECT_TRUE(is_last(store_->put(disabled)));
  EXPECT_TRUE(is_last(store_->remove("alice", std::nullopt, {})));
  EXPECT_EQ(store_->find("alice").value()->role, "admin");
  EXPECT_TRUE(store_->remove("bob", std::nullopt, {})) << "who could not sign in anyway";
}

TEST_F(UserStoreTest, AreListedByName) {
  for (const char* name : {"carol", "alice", "bob"}) {
    ports::User user = alice();
    user.name = name;
    ASSERT_TRUE(store_->put(user));
  }
  const auto names = [&](const ports::UserFilter& filter) {
    std::vector<std::string> all;
    const auto users = store_->list(filter).value();
    for (const ports::User& user : users) all.push_back(user.name);
    return all;
  };
  EXPECT_EQ(names({}), (std::vector<std::string>{"alice", "bob", "carol"}));
  EXPECT_EQ(names({.after = "alice", .limit = 1}), std::vector<std::string>{"bob"});
}

}  // namespace
}  // namespace tollgate::stores
