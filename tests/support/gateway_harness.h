// A whole gateway on a free loopback port, in this process: with limits, keys and a decision log in memory, a clock for
// the limits that stands still, and routes of the test's choice.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/server.h"
#include "ports/decision_log.h"
#include "ports/key_directory.h"
#include "runtime/loop_thread.h"
#include "services/gateway/gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/recording_upstream.h"
#include "tests/support/simple_limit_store.h"

namespace tollgate::testing {

// Keeps what workers leave there.
class KeptLog final : public ports::DecisionLog, public ports::DecisionSink {
 public:
  ports::DecisionSink& sink(std::size_t) override { return *this; }
  void append(core::DecisionRecord& record) noexcept override;
  ports::LogCounters counters() const override { return {}; }
  core::NameRef intern(core::NameKind kind, std::string_view name) override { return core::name_ref(kind, name); }

  std::vector<core::DecisionRecord> records() const;

 private:
  mutable std::mutex mutex_;
  std::vector<core::DecisionRecord> records_;
};

struct TestKey {
  std::string text;  // as a caller sends it
  std::string secret;
  core::KeyId id;
};

// Keys are added before requests that use them, and stay.
class FakeKeys final : public ports::KeyDirectory {
 public:
  struct Options {
    core::TokenBucketSpec limit{.refill_micro = 1'000'000, .max_burst = 100, .tokens_per_window = 100};
    core::KeyState state = core::KeyState::active;
    WallTime expires_at = WallTime::max();
  };
  TestKey add(std::string_view id, const Options& options);
  TestKey add(std::string_view id) { return add(id, Options{}); }
  void set_staleness(Nanos staleness) { staleness_ = staleness.count(); }  // Nanos::max(): never loaded

  const ports::KeyEntry* find(core::KeyId id) const override;
  bool ready() const override { return staleness_ != Nanos::max().count(); }
  Nanos staleness(MonoTime) const override { return Nanos(staleness_); }
  std::size_t size() const override { return entries_.size(); }
  std::uint32_t generation() const override { return 42; }

 private:
  mutable std::mutex mutex_;
  std::map<core::KeyId, std::unique_ptr<ports::KeyEntry>> entries_;
  std::atomic<std::int64_t> staleness_{0};
};

struct GatewayOptions {
  config::GatewayConfig config;  // empty routes: "public", everything to `upstream`, no key asked for
  std::uint16_t upstream = 0;    // where routes without upstreams lead
  unsigned loops = 1;
  std::uint32_t max_connections = 20'000;
};

// A route to the harness's upstream.
core::Route open_route(std::string name, std::string path);
core::Route keyed_route(std::string name, std::string path);

class GatewayHarness {
 public:
  explicit GatewayHarness(GatewayOptions options);
  GatewayHarness(const GatewayHarness&) = delete;
  GatewayHarness& operator=(const GatewayHarness&) = delete;
  ~GatewayHarness();

  SocketAddress address() const { return server_->address(); }
  HttpClient client() const { return HttpClient(address()); }
  // The reply of one request on a connection of its own.
  HttpReply call(const HttpCall& call) const { return client().call(call); }
  HttpReply get(const std::string& target, Headers headers = {}) const {
    return client().get(target, std::move(headers));
  }
  http::Server& server() { return *server_; }
  runtime::EventLoop& loop(std::size_t worker) { return loops_[worker]->loop(); }

  ManualClock clock;
  SimpleLimitStore limits{clock};
  FakeKeys keys;
  KeptLog log;

 private:
  void expect_conservation() const;

  std::vector<std::unique_ptr<runtime::LoopThread>> loops_;
  http::Router local_;
  std::unique_ptr<services::Gateway> gateway_;
  std::unique_ptr<http::Server> server_;
};

// What a client has seen of a connection when it is over.
struct Ending {
  std::string bytes;
  bool reset = false;  // not closed in good order
};
Ending read_to_end(HttpClient& client);

}  // namespace tollgate::testing
