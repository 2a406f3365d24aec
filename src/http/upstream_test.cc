#include "http/upstream.h"

#include <gtest/gtest.h>

#include "http/fetch.h"
#include "runtime/loop_thread.h"
#include "tests/support/recording_upstream.h"

namespace tollgate::http {
namespace {

using testing::ok_answer;
using testing::RecordingUpstream;

// A pool on a loop of its own, towards a server that answers everything.
class Pool : public ::testing::Test {
 protected:
  ~Pool() override {
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

}  // namespace
}  // namespace tollgate::http
