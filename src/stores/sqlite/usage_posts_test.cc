#include "stores/sqlite/usage_posts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <set>

#include "base/str.h"
#include "stores/sqlite/scratch_directory_test.h"
#include "stores/sqlite/usage_records_test.h"
#include "stores/sqlite/usage_store.h"

namespace tollgate::stores {
namespace {

using ports::EventId;
using ports::EventPost;
using ports::PostMark;

EventId event(std::uint8_t number) {
  return {number, 1};
}

PostMark mark(std::uint8_t key, std::uint8_t document = 1, std::string caller = "service") {
  PostMark mark{.caller = std::move(caller), .key = {}, .document = {}};
  mark.key[0] = key;
  mark.document[0] = document;
  return mark;
}

class UsagePostsTest : public testing::Test {
 protected:
  UsagePostsTest() { reopen(); }
  void reopen() {
    store_.reset();
    store_ = *SqliteUsageStore::open(scratch_.file("usage.db"), clock_);
  }
  EventPost post_of(std::vector<std::optional<EventId>> ids, std::optional<PostMark> mark = {}) const {
    EventPost post{.names = {}, .records = {}, .ids = std::move(ids), .mark = std::move(mark)};
    post.records.assign(post.ids.size(), make_record({.time = clock_.wall_now(), .key = "aliceAlice"}));
    return post;
  }
  std::size_t added(const EventPost& post) { return store_->post(post)->added.records.size(); }
  std::uint64_t total() { return store_->system_stats(clock_.wall_now())->counts.requests; }
  std::uint64_t in_rollups() {
    return store_->key_usage(key_id("aliceAlice"), clock_.wall_now())->value().counts.requests;
  }

  ManualClock clock_;
  ScratchDirectory scratch_;
  std::unique_ptr<SqliteUsageStore> store_;
};

TEST_F(UsagePostsTest, APostWithAMarkCountsOnceAlsoAfterARestart) {
  const EventPost post = post_of({{}, {}, {}}, mark(1));
  EXPECT_EQ(added(post), 3u);
  for (int i = 0; i < 2; ++i) {
    const auto again = store_->post(post);
    ASSERT_TRUE(again.has_value()) << again.error().to_string();
    EXPECT_TRUE(again->added.records.empty());
    EXPECT_EQ(again->known, 3u);
    EXPECT_TRUE(again->repeated);
    reopen();
  }
  EXPECT_EQ(total(), 3u);
  EXPECT_EQ(in_rollups(), 3u);
}

TEST_F(UsagePostsTest, AMarkIsGoodForOneDocumentOfOneCallerForADay) {
  ASSERT_TRUE(store_->post(post_of({{}}, mark(1))));
  EXPECT_TRUE(store_->post(post_of({{}}, mark(1, 2))).error().is(codes::conflict));
  EXPECT_EQ(added(post_of({{}}, mark(1, 2, "user ann"))), 1u);
  clock_.advance(ports::kPostRemembered - Seconds(1));
  EXPECT_TRUE(store_->post(post_of({{}}, mark(1)))->repeated);
  clock_.advance(Seconds(1));
  EXPECT_EQ(added(post_of({{}}, mark(1, 2))), 1u);
  EXPECT_EQ(total(), 3u);
}

TEST_F(UsagePostsTest, AnEventWithAnIdCountsOnceWithinAPostAndBeyondIt) {
  const auto ack = store_->post(post_of({event(1), {}, event(1), event(2)}));
  EXPECT_EQ(ack->added.records.size(), 3u);
  EXPECT_EQ(ack->known, 1u);
  reopen();
  const auto again = store_->post(post_of({event(2), event(3), {}}));
  EXPECT_EQ(again->added.records.size(), 2u);
  EXPECT_EQ(again->known, 1u);
  clock_.advance(ports::kPostRemembered);
  EXPECT_EQ(added(post_of({event(2)})), 1u);
  EXPECT_EQ(added(post_of({event(2)})), 0u);
  EXPECT_EQ(total(), 6u);
  EXPECT_EQ(in_rollups(), 6u);
}

TEST_F(UsagePostsTest, WhatIsNewIsNumberedWithoutGapsInOneRing) {
  std::vector<std::uint64_t> sequences;
  std::set<std::uint64_t> rings;
  for (const auto& ids : {std::vector<std::optional<EventId>>{event(1), event(2)}, {event(2), event(3)}}) {
    const auto ack = store_->post(post_of(ids));
    ASSERT_TRUE(ack.has_value());
    rings.insert(ack->added.ring_id);
    for (const auto& record : ack->added.records) sequences.push_back(record.sequence);
    reopen();
  }
  EXPECT_THAT(sequences, testing::ElementsAre(0, 1, 2));
  EXPECT_EQ(rings.size(), 1u);
}

TEST_F(UsagePostsTest, WhatNobodyConfirmedIsStillThereAfterARestart) {
  EventPost named = post_of({event(1), {}});
  named.names = {{.kind = core::NameKind::route, .ref = route_ref("orders"), .name = "orders"}};
  const core::RecordBatch first = store_->post(named)->added;
  const core::RecordBatch second = store_->post(post_of({event(1), {}}))->added;
  ASSERT_TRUE(store_->post(post_of({event(1)}))->added.records.empty());
  reopen();
  const auto both = store_->unconfirmed();
  ASSERT_TRUE(both.has_value()) << both.error().to_string();
  ASSERT_EQ(both->size(), 2u);
  EXPECT_EQ(core::encode_batch(both->front()), core::encode_batch(first));
  EXPECT_EQ(core::encode_batch(both->back()), core::encode_batch(second));
  store_->confirm(2);
  const core::RecordBatch third = store_->post(post_of({{}}))->added;
  ASSERT_EQ(store_->unconfirmed()->size(), 2u);
  EXPECT_EQ(core::encode_batch(store_->unconfirmed()->front()), core::encode_batch(second));
  EXPECT_EQ(core::encode_batch(store_->unconfirmed()->back()), core::encode_batch(third));
}

TEST_F(UsagePostsTest, APostThatFailsHalfWayLeavesNothingAndIsTakenWhenItComesAgain) {
  const EventPost post = post_of({event(1), {}}, mark(1));
  auto other = Database::open(scratch_.file("usage.db"), {.migrations = usage_migrations()});
  for (const std::string_view table : {"chunk", "unconfirmed_post"}) {
    ASSERT_TRUE(other->execute(
        str::cat("CREATE TRIGGER broken BEFORE INSERT ON ", table, " BEGIN SELECT RAISE(ABORT, 'told to'); END")));
    EXPECT_FALSE(store_->post(post)) << table;
    ASSERT_TRUE(other->execute("DROP TRIGGER broken"));
    EXPECT_EQ(total(), 0u) << table;
    EXPECT_TRUE(store_->unconfirmed()->empty()) << table;
  }
  EXPECT_EQ(added(post), 2u);
  EXPECT_EQ(total(), 2u);
}

TEST_F(UsagePostsTest, WhatIsRememberedIsForgottenInTheEnd) {
  ASSERT_TRUE(store_->post(post_of({event(1), event(2)}, mark(1))));
  clock_.advance(ports::kPostRemembered);
  for (int i = 0; i < 1000 && *store_->maintain(clock_.wall_now()); ++i) {
  }
  auto other = Database::open(scratch_.file("usage.db"), {.migrations = usage_migrations()});
  EXPECT_EQ(*other->query_int("SELECT (SELECT count(*) FROM post) + (SELECT count(*) FROM event_id)"), 0);
}

// Producers repeat what was not answered.
TEST(UsagePostsKill, SigkillBetweenAnyTwoInstructionsLosesAndDoublesNoPost) {
  void* memory =
      ::mmap(nullptr, sizeof(std::atomic<std::uint8_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto& answered = *static_cast<std::atomic<std::uint8_t>*>(memory);
  const ScratchDirectory scratch;
  const SystemClock clock;
  const auto post_numbered = [&](std::uint8_t number) {
    return EventPost{.names = {},
                     .records = {2, make_record({.time = clock.wall_now()})},
                     .ids = {event(number), std::nullopt},
                     .mark = mark(number)};
  };
  for (int kill = 0; kill < 8; ++kill) {
    const std::uint8_t before = answered;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = SqliteUsageStore::open(scratch.file("usage.db"), clock);
      while (answered < 250) {
        TG_ASSERT((*store)->post(post_numbered(answered)).has_value());
        ++answered;
      }
      ::_exit(0);
    }
    while (answered == before && answered < 250 && ::waitpid(child, nullptr, WNOHANG) == 0) ::sched_yield();
    const timespec moment{.tv_sec = 0, .tv_nsec = kill * 1'300'000L};
    ::nanosleep(&moment, nullptr);
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  }
  auto store = SqliteUsageStore::open(scratch.file("usage.db"), clock);
  ASSERT_TRUE(store.has_value()) << store.error().to_string();
  ASSERT_TRUE((*store)->post(post_numbered(answered)).has_value());
  EXPECT_EQ((*store)->system_stats(clock.wall_now())->counts.requests, 2u * (answered + 1u));
  ::munmap(memory, sizeof(std::atomic<std::uint8_t>));
}

}  // namespace
}  // namespace tollgate::stores
