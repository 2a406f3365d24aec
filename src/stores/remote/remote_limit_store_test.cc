#include "stores/remote/remote_limit_store.h"

#include <gtest/gtest.h>

#include "base/str.h"
#include "tests/support/fake_server.h"
#include "tests/support/run_now.h"

namespace tollgate::stores {
namespace {

using testing::FakeReply;
using testing::FakeRequest;
using testing::FakeServer;

core::LimitOutcome allowing(std::uint64_t remaining) {
  core::LimitOutcome outcome;
  outcome.answers[0].remaining = remaining;
  return outcome;
}

// Allows everything; each group's `remaining` is its cost, so that answers can be told apart.
FakeReply allow_all(const FakeRequest& request) {
  if (request.target == "/api/limiter/seed") return FakeReply::json(200, codec::encode_seed(7));
  const auto groups = codec::decode_apply(request.body);
  EXPECT_TRUE(groups.has_value()) << request.body;
  std::vector<codec::GroupOutcome> outcomes;
  for (const codec::OwnedChecks& group : *groups)
    outcomes.push_back({.outcome = allowing(group.checks[0].cost), .checks = group.checks.size()});
  return FakeReply::json(200, codec::encode_outcomes(outcomes));
}

class AlwaysRemaining99 final : public ports::LimitStore {
 public:
  Task<Result<core::LimitOutcome>> apply(std::span<const core::LimitCheck>, ports::ApplyOptions) override {
    co_return allowing(99);
  }
  Task<Result<core::LimitAnswer>> read(core::LimitCheck) override { co_return core::LimitAnswer{}; }
  Task<Result<void>> reset(core::LimitCheck) override {
    ++resets;
    co_return Result<void>{};
  }
  Task<Result<void>> migrate(core::LimitCheck, core::LimitCheck) override {
    ++migrations;
    co_return Result<void>{};
  }
  std::atomic<int> resets{0};
  std::atomic<int> migrations{0};
};

struct RemoteLimitStoreTest : ::testing::Test {
  void connect(const std::string& url, RemoteLimitStore::Options options = {}) {
    options.url = url;
    options.service_token = "the-service-token";
    if (options.deadline == Millis(10)) options.deadline = Millis(5'000);  // tests of other things do not time out
    auto made = RemoteLimitStore::make({&thread}, options);
    ASSERT_TRUE(made.has_value()) << made.error().to_string();
    store = *std::move(made);
  }
  core::LimitCheck check(std::uint64_t cost = 1) const {
    return {.rule = &rule, .bucket = {cost, 2}, .cost = cost, .created = core::kLimiterEpoch};
  }
  Result<core::LimitOutcome> apply(const core::LimitCheck& asked) {
    return thread.await([&] { return store->apply({&asked, 1}, {}); });
  }
  // All at once, from one turn of the loop.
  std::vector<Result<core::LimitOutcome>> apply_together(const std::vector<core::LimitCheck>& checks) {
    std::vector<Result<core::LimitOutcome>> outcomes(checks.size(), fail(codes::internal));
    thread.await([&] { return apply_all(thread.loop(), *store, checks, outcomes); });
    return outcomes;
  }

  core::TokenBucket rule =
      *core::TokenBucket::make({.refill_micro = 1'000'000, .max_burst = 100, .tokens_per_window = 100});
  AlwaysRemaining99 fallback;
  runtime::LoopThread thread{"worker"};
  std::unique_ptr<RemoteLimitStore> store;

 private:
  static Task<void> apply_one(ports::LimitStore& store, const core::LimitCheck& check,
                              Result<core::LimitOutcome>& outcome) {
    auto got = co_await store.apply({&check, 1}, {});
    outcome = std::move(got);
  }
  static Task<void> apply_all(runtime::EventLoop& loop, ports::LimitStore& store,
                              const std::vector<core::LimitCheck>& checks,
                              std::vector<Result<core::LimitOutcome>>& outcomes) {
    runtime::TaskGroup group(loop);
    for (std::size_t i = 0; i < checks.size(); ++i) group.spawn(apply_one(store, checks[i], outcomes[i]));
    auto finished = group.empty();
    co_await finished;
  }
};

TEST_F(RemoteLimitStoreTest, AnswersAreTheLimitersAndTheTokenGoesWithTheCall) {
  FakeServer limiter(allow_all);
  connect(limiter.url());
  const auto outcome = apply(check(5));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  EXPECT_EQ(outcome->answers[0].remaining, 5u);
  ASSERT_EQ(limiter.requests().size(), 1u);
  EXPECT_EQ(limiter.requests()[0].method, "POST");
  EXPECT_EQ(limiter.requests()[0].target, "/api/limiter/apply");
  EXPECT_EQ(limiter.requests()[0].header("Authorization"), "Bearer the-service-token");
}

TEST_F(RemoteLimitStoreTest, ConcurrentChecksShareRequestsOfAtMost64AndEachGetsItsOwnAnswer) {
  FakeServer limiter(allow_all);
  connect(limiter.url());
  std::vector<core::LimitCheck> checks;
  for (std::uint64_t i = 1; i <= 100; ++i) checks.push_back(check(i));
  const auto outcomes = apply_together(checks);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_TRUE(outcomes[i].has_value()) << outcomes[i].error().to_string();
    EXPECT_EQ(outcomes[i]->answers[0].remaining, i + 1);
  }
  EXPECT_EQ(limiter.requests().size(), 2u);
  EXPECT_EQ(store->stats().remote_decisions, 100u);
}

TEST_F(RemoteLimitStoreTest, NoMoreThanSixteenRequestsAreUnderWay) {
  std::atomic<std::size_t> answered{0};
  FakeServer limiter([&](const FakeRequest& request) {
    ++answered;
    return allow_all(request);
  });
  connect(limiter.url());
  const auto outcomes = apply_together(std::vector<core::LimitCheck>(64 * 16, check()));
  for (const auto& outcome : outcomes) EXPECT_TRUE(outcome.has_value());
  EXPECT_EQ(answered, 16u);
  EXPECT_LE(limiter.connections(), 16u);
}

TEST_F(RemoteLimitStoreTest, BeyondAFullQueueChecksAreRefusedAtOnce) {
  FakeServer limiter(allow_all);
  connect(limiter.url());
  std::size_t refused = 0;
  for (const auto& outcome : apply_together(std::vector<core::LimitCheck>(LimiterClient::kQueueMax + 10, check()))) {
    if (!outcome) {
      EXPECT_TRUE(outcome.error().is(codes::limiter_unavailable));
      ++refused;
    }
  }
  EXPECT_EQ(refused, 10u);
}

struct Failure {
  const char* name;
  std::function<FakeReply(const FakeRequest&)> script;  // empty: nobody listens
};

const std::vector<Failure>& failures() {
  static const std::vector<Failure> all{
      {"refused", {}},
      {"silence", [](const FakeRequest&) { return FakeReply::silence(); }},
      {"reset", [](const FakeRequest&) { return FakeReply{.bytes = {}, .then = FakeReply::Then::reset}; }},
      {"closed", [](const FakeRequest&) { return FakeReply{.bytes = {}, .then = FakeReply::Then::close}; }},
      {"503", [](const FakeRequest&) { return FakeReply::json(503, "{}"); }},
      {"500", [](const FakeRequest&) { return FakeReply::json(500, "x"); }},
      {"401", [](const FakeRequest&) { return FakeReply::json(401, "{}"); }},
      {"no HTTP", [](const FakeRequest&) { return FakeReply{.bytes = "+OK\r\n", .then = FakeReply::Then::close}; }},
      {"garbage JSON", [](const FakeRequest&) { return FakeReply::json(200, "{\"outcomes\":[{"); }},
      {"another document", [](const FakeRequest&) { return FakeReply::json(200, "{\"hello\":1}"); }},
      {"too few outcomes", [](const FakeRequest&) { return FakeReply::json(200, "{\"outcomes\":[]}"); }},
      {"truncated",
       [](const FakeRequest& request) {
         FakeReply reply = allow_all(request);
         reply.bytes.resize(reply.bytes.size() - 5);
         reply.then = FakeReply::Then::close;
         return reply;
       }},
      {"half a head",
       [](const FakeRequest&) {
         return FakeReply{.bytes = "HTTP/1.1 200 OK\r\nContent-", .then = FakeReply::Then::hang};
       }},
  };
  return all;
}

TEST_F(RemoteLimitStoreTest, EveryFailureIsLimiterUnavailableWithoutAFallback) {
  for (const Failure& failure : failures()) {
    std::optional<FakeServer> limiter;
    if (failure.script) limiter.emplace(failure.script);
    connect(limiter ? limiter->url() : FakeServer::refusing_url(), {.deadline = Millis(20)});
    const auto outcome = apply(check());
    ASSERT_FALSE(outcome.has_value()) << failure.name;
    EXPECT_TRUE(outcome.error().is(codes::limiter_unavailable)) << failure.name << ": " << outcome.error().to_string();
    EXPECT_EQ(outcome.error().to_string().find("the-service-token"), std::string::npos);
    EXPECT_EQ(store->stats().failures, 1u) << failure.name;
    store.reset();
  }
}

TEST_F(RemoteLimitStoreTest, EveryFailureIsDecidedByTheFallback) {
  for (const Failure& failure : failures()) {
    std::optional<FakeServer> limiter;
    if (failure.script) limiter.emplace(failure.script);
    connect(limiter ? limiter->url() : FakeServer::refusing_url(), {.fallback = &fallback, .deadline = Millis(20)});
    const auto outcome = apply(check());
    ASSERT_TRUE(outcome.has_value()) << failure.name << ": " << outcome.error().to_string();
    EXPECT_EQ(outcome->answers[0].remaining, 99u) << failure.name;
    EXPECT_EQ(store->stats().local_decisions, 1u);
    store.reset();
  }
}

TEST_F(RemoteLimitStoreTest, AfterThreeFailuresTheLimiterIsLeftAlone) {
  FakeServer limiter([](const FakeRequest&) { return FakeReply::json(500, "{}"); });
  connect(limiter.url(),
          {.fallback = &fallback, .breaker = {.wait_min = std::chrono::hours(1), .wait_max = std::chrono::hours(1)}});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(apply(check())->answers[0].remaining, 99u);
  EXPECT_EQ(limiter.requests().size(), 3u);
  EXPECT_EQ(store->stats().outages, 1u);
  EXPECT_EQ(store->stats().local_decisions, 50u);
}

TEST_F(RemoteLimitStoreTest, AProbeBringsItBackWithoutAnyRequestWaitingForIt) {
  std::atomic<bool> working{false};
  FakeServer limiter(
      [&](const FakeRequest& request) { return working ? allow_all(request) : FakeReply::json(503, "{}"); });
  connect(limiter.url(), {.fallback = &fallback, .breaker = {.wait_min = Nanos(1), .wait_max = Nanos(1)}});
  while (store->stats().outages == 0) EXPECT_TRUE(apply(check()).has_value());
  working = true;
  while (apply(check())->answers[0].remaining == 99u) {
  }
  EXPECT_EQ(apply(check())->answers[0].remaining, 1u);
  std::size_t probes = 0;
  for (const FakeRequest& request : limiter.requests()) probes += request.target == "/api/limiter/seed" ? 1u : 0u;
  EXPECT_GE(probes, 1u);
}

TEST_F(RemoteLimitStoreTest, AnOutageShowsInTheStatsFromItsBeginningToItsEnd) {
  std::atomic<bool> working{true};
  FakeServer limiter(
      [&](const FakeRequest& request) { return working ? allow_all(request) : FakeReply::json(503, "{}"); });
  connect(limiter.url(), {.fallback = &fallback, .breaker = {.wait_min = Nanos(1), .wait_max = Nanos(1)}});
  EXPECT_TRUE(apply(check()).has_value());
  EXPECT_EQ(store->stats().calls, 1u);
  EXPECT_EQ(store->stats().remote_decisions, 1u);
  EXPECT_EQ(store->stats().local_decisions + store->stats().failures + store->stats().paused_loops, 0u);

  working = false;
  while (store->stats().paused_loops == 0) EXPECT_TRUE(apply(check()).has_value());
  EXPECT_EQ(store->stats().outages, 1u);
  EXPECT_EQ(store->stats().failures, 3u);
  EXPECT_EQ(store->stats().local_decisions, 3u);
  EXPECT_EQ(store->stats().remote_decisions, 1u);

  working = true;
  while (store->stats().remote_decisions == 1) EXPECT_TRUE(apply(check()).has_value());
  EXPECT_EQ(store->stats().paused_loops, 0u);
  EXPECT_EQ(store->stats().outages, 1u);
}

TEST_F(RemoteLimitStoreTest, AStoreThatFailsBehindTheLimiterConcernsOneGroupOnly) {
  FakeServer limiter([](const FakeRequest&) {
    const std::vector<codec::GroupOutcome> outcomes{{.outcome = fail(codes::limiter_unavailable), .checks = 1},
                                                    {.outcome = allowing(3), .checks = 1}};
    return FakeReply::json(200, codec::encode_outcomes(outcomes));
  });
  connect(limiter.url(), {.fallback = &fallback});
  const auto outcomes = apply_together({check(), check()});
  EXPECT_EQ(outcomes[0]->answers[0].remaining, 99u);
  EXPECT_EQ(outcomes[1]->answers[0].remaining, 3u);
  EXPECT_EQ(store->stats().failures, 0u);
}

TEST_F(RemoteLimitStoreTest, OtherThreadsHaveNoConnection) {
  FakeServer limiter(allow_all);
  connect(limiter.url(), {.fallback = &fallback});
  const core::LimitCheck asked = check();
  const auto outcome = testing::run_now(store->apply({&asked, 1}, {}));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_TRUE(outcome.error().is(codes::limiter_unavailable));
  EXPECT_TRUE(limiter.requests().empty());
}

TEST_F(RemoteLimitStoreTest, ReadsResetsAndMigratesWithTheFallbackFollowing) {
  FakeServer limiter([](const FakeRequest& request) {
    if (request.target != "/api/limiter/read") return FakeReply::no_content();
    core::LimitAnswer answer;
    answer.remaining = 42;
    return FakeReply::json(200, codec::encode_answer(answer));
  });
  connect(limiter.url(), {.fallback = &fallback});
  const auto answer = thread.await([&] { return store->read(check()); });
  ASSERT_TRUE(answer.has_value()) << answer.error().to_string();
  EXPECT_EQ(answer->remaining, 42u);
  EXPECT_TRUE(thread.await([&] { return store->reset(check()); }).has_value());
  EXPECT_TRUE(thread.await([&] { return store->migrate(check(1), check(2)); }).has_value());
  EXPECT_EQ(fallback.resets, 1);
  EXPECT_EQ(fallback.migrations, 1);
  EXPECT_TRUE(codec::decode_migration(limiter.requests()[2].body).has_value());
}

TEST_F(RemoteLimitStoreTest, ReadingResettingAndMigratingFailWithoutTheLimiter) {
  connect(FakeServer::refusing_url(), {.fallback = &fallback});
  EXPECT_TRUE(thread.await([&] { return store->read(check()); }).error().is(codes::limiter_unavailable));
  EXPECT_TRUE(thread.await([&] { return store->reset(check()); }).error().is(codes::limiter_unavailable));
  EXPECT_TRUE(thread.await([&] { return store->migrate(check(1), check(2)); }).error().is(codes::limiter_unavailable));
  EXPECT_EQ(fallback.resets + fallback.migrations, 0);
  FakeServer babbling([](const FakeRequest&) { return FakeReply::json(200, "[]"); });
  store.reset();
  connect(babbling.url());
  EXPECT_TRUE(thread.await([&] { return store->read(check()); }).error().is(codes::limiter_unavailable));
}

TEST(RemoteLimitStore, AUrlThatIsNoneIsRefusedAtStart) {
  runtime::LoopThread thread("worker");
  for (const char* bad : {"", "limiter:3002", "https://limiter", "http://", "http://h:0", "http://h/path"}) {
    const auto made = RemoteLimitStore::make({&thread}, {.url = bad, .service_token = "x"});
    ASSERT_FALSE(made.has_value()) << bad;
    EXPECT_TRUE(made.error().is(codes::config_invalid)) << bad;
  }
}

}  // namespace
}  // namespace tollgate::stores
