#include "http/upstream.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "http/fetch.h"
#include "runtime/loop_thread.h"
#include "tests/support/full_listener.h"
#include "tests/support/recording_upstream.h"

namespace tollgate::http {
namespace {

using testing::ok_answer;
using testing::RecordingUpstream;

// A resolver that answers when the test lets it.
class Names {
 public:
  runtime::HostAddresses::LookUp look_up() {
    return [state = state_](const std::string&) { return state->answer(); };
  }
  // Look-ups that have not been answered yet wait for this, in turn.
  void answer_with(Result<std::vector<IpAddress>> answer) {
    {
      const std::lock_guard lock(state_->mutex);
      state_->answers.push_back(std::move(answer));
    }
    state_->changed.notify_all();
  }
  std::size_t asked() const {
    const std::lock_guard lock(state_->mutex);
    return state_->asked;
  }

 private:
  // A look-up may outlive the test.
  struct State {
    Result<std::vector<IpAddress>> answer() {
      std::unique_lock lock(mutex);
      ++asked;
      changed.wait(lock, [this] { return !answers.empty(); });
      Result<std::vector<IpAddress>> next = std::move(answers.front());
      answers.pop_front();
      return next;
    }

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Result<std::vector<IpAddress>>> answers;
    std::size_t asked = 0;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

// A pool on a loop of its own, towards a server that answers everything.
class Pool : public ::testing::Test {
 protected:
  void TearDown() override {
    thread_.call([&] { pool_.reset(); });
  }
  void make(UpstreamPool::Options options) {
    if (options.target.host.empty()) options.target.host = "127.0.0.1";
    options.target.port = upstream_.port();
    thread_.call([&] { pool_ = std::make_unique<UpstreamPool>(thread_.loop(), std::move(options)); });
  }
  Result<FetchResponse> get(Millis timeout = Seconds(10)) {
    return thread_.await([&] { return fetch(*pool_, {.timeout = timeout}); });
  }

  RecordingUpstream upstream_{RecordingUpstream::always(ok_answer("x"))};
  Names names_;
  runtime::LoopThread thread_{"test"};
  std::unique_ptr<UpstreamPool> pool_;
};

TEST_F(Pool, AConnectionThatHasBeenIdleForTooLongIsNotUsedAgain) {
  make({.idle_timeout = Millis(0)});
  ASSERT_TRUE(get());
  ASSERT_TRUE(get());
  EXPECT_EQ(upstream_.connections(), 2U);
}

TEST_F(Pool, AnIdleConnectionIsClosedInTimeThoughNobodyAsksForOne) {
  make({.idle_timeout = Millis(100)});
  ASSERT_TRUE(get());
  EXPECT_EQ(upstream_.connections(), 1U);
  EXPECT_TRUE(upstream_.wait_until([&] { return upstream_.open_connections() == 0; }));
}

const IpAddress kHere = IpAddress::v4({127, 0, 0, 1});
const IpAddress kNobodyThere = IpAddress::v4({127, 0, 0, 2});

class NamedPool : public Pool {
 protected:
  NamedPool() {
    make({.target = {.host = "api.test"},
          .max_idle = 0,
          .connect_timeout = Seconds(10),
          .look_up = names_.look_up(),
          .addresses_valid = Nanos(0)});
  }
  void TearDown() override {
    names_.answer_with(std::vector{kHere});  // for a look-up that is still under way
    Pool::TearDown();
  }
};

Task<void> fetch_one(UpstreamPool& pool, std::size_t& succeeded) {
  FetchRequest request;
  request.timeout = Seconds(10);
  auto fetching = fetch(pool, std::move(request));
  const auto got = co_await fetching;
  if (got) ++succeeded;
}

Task<std::size_t> fetch_many(runtime::EventLoop& loop, UpstreamPool& pool, Names& names) {
  std::size_t succeeded = 0;
  runtime::TaskGroup group(loop);
  for (int i = 0; i < 50; ++i) group.spawn(fetch_one(pool, succeeded));
  names.answer_with(std::vector{kHere});
  co_await group.empty();
  co_return succeeded;
}

TEST_F(NamedPool, OneLookUpServesAllWhoWaitForIt) {
  EXPECT_EQ(thread_.await([&] { return fetch_many(thread_.loop(), *pool_, names_); }), 50U);
  EXPECT_EQ(names_.asked(), 1U);
}

TEST_F(NamedPool, KnownAddressesServeWhileTheyAreLookedUpAnewAndWhenThatFails) {
  names_.answer_with(std::vector{kHere});
  ASSERT_TRUE(get());
  ASSERT_TRUE(get());  // the second look-up hangs
  ASSERT_TRUE(get());
  names_.answer_with(fail(codes::upstream_connect_failed, "no such name"));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(get());
}

TEST_F(NamedPool, AddressesWhereNobodyAnswersGiveWayToNewOnes) {
  names_.answer_with(std::vector{kNobodyThere});
  const auto refused = get();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(codes::upstream_connect_failed));
  names_.answer_with(std::vector{kHere});
  EXPECT_TRUE(get());
}

TEST_F(NamedPool, ANameThatCannotBeLookedUpIsSaidToBeThat) {
  names_.answer_with(fail(codes::upstream_connect_failed, "no such name"));
  const auto refused = get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail(), "no such name");
}

TEST_F(NamedPool, AFetchEndsInItsTimeThoughTheNameIsStillLookedUp) {
  const auto late = get(Millis(30));
  ASSERT_FALSE(late);
  EXPECT_TRUE(late.error().is(codes::upstream_connect_timeout));
}

Task<void> connect_once(UpstreamPool& pool, ConnectAttempt& attempt, std::optional<Error>& error) {
  auto connected = co_await pool.connect(attempt);
  if (!connected) error = connected.error();
}

// Kills a connect() that waits.
Task<std::optional<Error>> kill_connect(runtime::EventLoop& loop, UpstreamPool& pool) {
  runtime::TaskGroup group(loop);
  std::optional<Error> error;
  ConnectAttempt attempt;
  group.spawn(connect_once(pool, attempt, error));
  EXPECT_EQ(group.running(), 1U);
  attempt.kill();
  co_await group.empty();
  co_return error;
}

TEST_F(NamedPool, AConnectThatWaitsForALookUpCanBeKilled) {
  const auto error = thread_.await([&] { return kill_connect(thread_.loop(), *pool_); });
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->is(codes::cancelled));
}

TEST_F(Pool, AConnectThatNobodyAcceptsCanBeKilled) {
  const testing::FullListener silent;
  thread_.call([&] {
    pool_ = std::make_unique<UpstreamPool>(
        thread_.loop(), UpstreamPool::Options{.target = {.host = "127.0.0.1", .port = silent.port()}});
  });
  const auto error = thread_.await([&] { return kill_connect(thread_.loop(), *pool_); });
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->is(codes::cancelled));
}

TEST_F(Pool, AnAddressThatIsANumberNeedsNoLookUp) {
  make({.look_up = names_.look_up(), .addresses_valid = Nanos(0)});
  ASSERT_TRUE(get());
  EXPECT_EQ(names_.asked(), 0U);
}

}  // namespace
}  // namespace tollgate::http
