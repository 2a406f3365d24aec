#include "stores/sqlite/session_store.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/str.h"
#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/user_store.h"

namespace tollgate::stores {
namespace {

class SessionStoreTest : public testing::Test {
 protected:
  SessionStoreTest() {
    reopen();
    for (const char* name : {"alice", "bob"}) EXPECT_TRUE(users_->put(user(name)));
  }
  void reopen() {
    database_.reset();
    database_ = AdminDatabase::open(scratch_.file("admin.db"), clock_).value();
    users_.emplace(*database_);
    store_.emplace(*database_);
  }
  ports::User user(const std::string& name) {
    return {.name = name, .password_hash = "x", .role = "viewer", .token_version = 1, .created_at = clock_.wall_now()};
  }
  ports::Session session(const std::string& user, int number) {
    return {.id = str::cat("s", number),
            .user = user,
            .secret_hash = {static_cast<std::uint8_t>(number)},
            .created_at = clock_.wall_now(),
            .last_seen_at = clock_.wall_now(),
            .expires_at = clock_.wall_now() + Seconds(12 * 3600),
            .network = "192.0.2.7",
            .user_agent = "Browser's \"name\""};
  }
  std::vector<std::string> ids(const std::string& user) {
    std::vector<std::string> all;
    const auto sessions = store_->list(user).value();
    for (const ports::Session& one : sessions) all.push_back(one.id);
    return all;
  }

  ScratchDirectory scratch_;
  ManualClock clock_;
  std::unique_ptr<AdminDatabase> database_;
  std::optional<SqliteUserStore> users_;
  std::optional<SqliteSessionStore> store_;
};

using Ids = std::vector<std::string>;

TEST_F(SessionStoreTest, SessionsSurviveAReopenAsTheyWere) {
  const ports::Session made = session("alice", 1);
  ASSERT_TRUE(store_->add(made));
  reopen();
  const auto found = store_->find(made.secret_hash).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, made.id);
  EXPECT_EQ(found->user, "alice");
  EXPECT_EQ(found->secret_hash, made.secret_hash);
  EXPECT_EQ(found->created_at, made.created_at);
  EXPECT_EQ(found->last_seen_at, made.last_seen_at);
  EXPECT_EQ(found->expires_at, made.expires_at);
  EXPECT_EQ(found->network, made.network);
  EXPECT_EQ(found->user_agent, made.user_agent);
  EXPECT_FALSE(store_->find({9}).value());
  EXPECT_TRUE(store_->add(session("nobody", 2)).error().is(codes::not_found));
}

TEST_F(SessionStoreTest, EndingTakesOnlyWhatIsTheUsersOwn) {
  for (const int i : {1, 2, 3}) ASSERT_TRUE(store_->add(session("alice", i)));
  ASSERT_TRUE(store_->add(session("bob", 4)));
  EXPECT_FALSE(store_->end("alice", "s4").value());
  EXPECT_TRUE(store_->end("alice", "s1").value());
  EXPECT_FALSE(store_->end("alice", "s1").value());
  ASSERT_TRUE(store_->end_all("alice", "s3"));
  EXPECT_EQ(ids("alice"), Ids{"s3"});
  EXPECT_EQ(ids("bob"), Ids{"s4"});
}

TEST_F(SessionStoreTest, ANewTokenVersionEndsThemAllButTheOneThatIsKept) {
  for (const int i : {1, 2}) ASSERT_TRUE(store_->add(session("alice", i)));
  ASSERT_TRUE(store_->add(session("bob", 3)));
  ports::User alice = user("alice");
  alice.role = "admin";
  ASSERT_TRUE(users_->put(alice));
  EXPECT_EQ(ids("alice"), (Ids{"s1", "s2"})) << "the version is the same";
  ++alice.token_version;
  ASSERT_TRUE(users_->put(alice, {.keep_session = "s2"}));
  EXPECT_EQ(ids("alice"), Ids{"s2"});
  ASSERT_TRUE(users_->bump_token_version("alice"));
  EXPECT_EQ(ids("alice"), Ids{});
  EXPECT_EQ(ids("bob"), Ids{"s3"});
}

TEST_F(SessionStoreTest, ThoseThatAreOverAreNotListedAndAreForgottenByTheNext) {
  ASSERT_TRUE(store_->add(session("alice", 1)));
  clock_.advance(ports::kSessionIdle - Seconds(1));
  ASSERT_TRUE(store_->add(session("alice", 2)));
  EXPECT_EQ(ids("alice"), (Ids{"s2", "s1"}));
  ASSERT_TRUE(store_->touch("s1", clock_.wall_now()));
  clock_.advance(Seconds(1));
  EXPECT_EQ(ids("alice"), (Ids{"s2", "s1"})) << "s1 was used meanwhile";
  clock_.advance(ports::kSessionIdle);
  EXPECT_EQ(ids("alice"), Ids{});
  EXPECT_TRUE(store_->find({1}).value());
  ASSERT_TRUE(store_->add(session("bob", 3)));
  EXPECT_FALSE(store_->find({1}).value());
}

TEST_F(SessionStoreTest, AUserHasABoundedNumberAndTheLeastLatelyUsedGoes) {
  for (int i = 0; std::cmp_less(i, ports::kSessionsPerUser); ++i) {
    ASSERT_TRUE(store_->add(session("alice", i)));
    clock_.advance(Seconds(1));
  }
  ASSERT_TRUE(store_->touch("s0", clock_.wall_now()));
  ASSERT_TRUE(store_->add(session("alice", 200)));
  const Ids all = ids("alice");
  EXPECT_EQ(all.size(), ports::kSessionsPerUser);
  EXPECT_TRUE((std::ranges::find(all, "s0") != all.end()));
  EXPECT_FALSE((std::ranges::find(all, "s1") != all.end()));
}

}  // namespace
}  // namespace tollgate::stores
