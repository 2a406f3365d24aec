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

}  // namespace
}  // namespace tollgate::stores
