// One worker serves many connections: none of them may have it to itself.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/gateway_harness.h"

namespace tollgate::testing {
namespace {

// Who always has more to ask and reads as fast.
class Flood {
 public:
  explicit Flood(HttpClient& client)
      : sender_([this, &client] { send(client); }), reader_([this, &client] { read(client); }) {}
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;
  ~Flood() {
    stopping_ = true;
    sender_.join();
    reader_.join();
  }
  bool wait_until_answered() {
    std::unique_lock lock(mutex_);
    return answered_.wait_for(lock, Seconds(10), [&] { return bytes_ > 1'000'000; });
  }

 private:
  void send(HttpClient& client) {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n";
    while (!stopping_) client.send(many);
    client.shutdown_write();
  }
  void read(HttpClient& client) {
    while (true) {
      const std::size_t got = client.read_some().size();
      if (got == 0) return;
      const std::lock_guard lock(mutex_);
      bytes_ += got;
      answered_.notify_all();
    }
  }

  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable answered_;
  std::size_t bytes_ = 0;
  std::thread sender_;
  std::thread reader_;
};

TEST(Fairness, AConnectionThatAlwaysHasMoreToAskDoesNotHoldUpTheOthers) {
  RecordingUpstream upstream(RecordingUpstream::always(ok_answer("x")));
  config::GatewayConfig config;
  config.routes = {open_route("a", "/a")};
  GatewayHarness gateway({.config = config, .upstream = upstream.port()});
  HttpClient busy = gateway.client();
  Flood flood(busy);
  ASSERT_TRUE(flood.wait_until_answered());
  EXPECT_EQ(gateway.get("/a").status, 200);  // accepted, forwarded and answered meanwhile
}

}  // namespace
}  // namespace tollgate::testing
