// What outlives the process: tokens taken, requests counted, requests under way.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "base/clock.h"
#include "base/str.h"
#include "tests/support/soak.h"
#include "tests/support/tollgate_process.h"

namespace tollgate::testing {
namespace {

constexpr unsigned kBurst = 50;
constexpr unsigned kRate = 10;

double seconds_between(MonoTime from, MonoTime to) {
  return std::chrono::duration<double>(to - from).count();
}

CreatedKey limited_key(TollgateProcess& tollgate) {
  return tollgate.create_key(str::cat(R"({"name":"limited","tier":"free","tokensPerWindow":)", kBurst,
                                      R"(,"refillRate":)", kRate, R"(,"maxBurst":)", kBurst, "}"));
}

// Requests until one is refused: how many were let through.
unsigned drain(const TollgateProcess& tollgate, const std::string& key) {
  HttpClient client(tollgate.address("gateway"));
  for (unsigned admitted = 0;; ++admitted) {
    const int status = client.get("/api/data", {{"X-API-Key", key}}).status;
    if (status == 429) return admitted;
    if (status != 200) throw std::runtime_error(str::cat("the gateway answered ", status));
  }
}

class Restart : public ::testing::Test {
 protected:
  TollgateProcess start() const { return TollgateProcess({.data_dir = dir_.file("data")}); }

  const TempDir dir_;
  const SystemClock clock_;
};

TEST_F(Restart, DoesNotRefillABucketBeyondTheTimeThatPassed) {
  std::string key;
  MonoTime first;
  unsigned admitted = 0;
  {
    TollgateProcess tollgate = start();
    key = limited_key(tollgate).text;
    first = clock_.mono_now();
    admitted = drain(tollgate, key);
    EXPECT_GE(admitted, kBurst);
    ASSERT_EQ(tollgate.stop(), 0);
  }
  TollgateProcess tollgate = start();
  admitted += drain(tollgate, key);
  EXPECT_LE(admitted, kBurst + kRate * seconds_between(first, clock_.mono_now()));
}

TEST_F(Restart, AfterAKillAdmitsAtMostOneSecondOfRefillMoreEachTime) {
  constexpr int kKills = 3;
  std::string key;
  MonoTime first;
  unsigned admitted = 0;
  for (int kills = 0; kills <= kKills; ++kills) {
    TollgateProcess tollgate = start();
    if (key.empty()) {
      key = limited_key(tollgate).text;
      first = clock_.mono_now();
    }
    admitted += drain(tollgate, key);
    const double elapsed = seconds_between(first, clock_.mono_now());
    EXPECT_LE(admitted, kBurst + kRate * (elapsed + kills)) << "after " << kills << " kills";
    tollgate.kill();
  }
}

// Requests on one connection after another until told to stop; a killed server ends a connection, not the client.
class Traffic {
 public:
  Traffic(SocketAddress gateway, std::string key) : gateway_(gateway), key_(std::move(key)) {
    for (std::thread& thread : threads_) thread = std::thread([this] { run(); });
  }
  ~Traffic() { stop(); }
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  void stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t answered() const { return answered_; }

 private:
  void run() {
    try {
      HttpClient client(gateway_);
      while (!stopping_) {
        ++sent_;
        (void)client.get("/api/data", {{"X-API-Key", key_}});
        ++answered_;
      }
    } catch (const std::runtime_error&) {
      // The server is gone, as planned.
    }
  }

  const SocketAddress gateway_;
  const std::string key_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> answered_{0};
  std::array<std::thread, 4> threads_;
};

TEST_F(Restart, EveryAnsweredRequestIsCountedOnceThroughKills) {
  const auto kills_wanted = soak_count<std::uint64_t>(20, 100);
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::string key;
  for (std::uint64_t kills = 0; kills < kills_wanted; ++kills) {
    TollgateProcess tollgate = start();
    if (key.empty()) key = tollgate.create_key(R"({"name":"busy","tier":"enterprise"})").text;
    Traffic traffic(tollgate.address("gateway"), key);
    const std::uint64_t enough = 300 + 137 * (kills % 7);  // at no particular moment
    ASSERT_TRUE(eventually(Millis(20'000), [&] { return traffic.answered() >= enough; }));
    tollgate.kill();
    traffic.stop();
    sent += traffic.sent();
    answered += traffic.answered();
  }

  TollgateProcess tollgate = start();
  const auto stats = [&] { return Json(tollgate.get("analytics", "/api/analytics/system-stats").body); };
  EXPECT_TRUE(eventually(Millis(10'000), [&] {
    return stats()["totalRequests"].uint() >= answered && stats()["log"]["spooled"].uint() == 0;
  }));
  const Json end = stats();
  const std::uint64_t total = end["totalRequests"].uint();
  EXPECT_GE(total, answered);
  EXPECT_LE(total, sent);
  const Json log = end["log"];
  EXPECT_EQ(log["dropped"].uint(), 0u);
  EXPECT_EQ(log["produced"].uint(), log["stored"].uint() + log["spooled"].uint() + log["aggregated"].uint());
  const std::string metrics = tollgate.call("gateway", {.target = "/metrics"}).body;
  EXPECT_NE(metrics.find("\ntollgate_log_unaccounted 0\n"), std::string::npos) << metrics;
  EXPECT_EQ(tollgate.stop(), 0);
}

TEST_F(Restart, ChangesThatAdminAnsweredOutliveAKill) {
  std::vector<std::string> keys;
  {
    TollgateProcess tollgate = start();
    for (int i = 0; i < 20; ++i) keys.push_back(tollgate.create_key(R"({"name":"kept","tier":"pro"})").text);
    tollgate.kill();
  }
  TollgateProcess tollgate = start();
  for (const std::string& key : keys) EXPECT_EQ(tollgate.use(key).status, 200);
}

TEST_F(Restart, ACreationThatIsRepeatedAfterAKillMakesNoSecondKey) {
  const HttpCall creation{.method = "POST",
                          .target = "/api/admin/keys",
                          .headers = {{"Idempotency-Key", "4f1c-retry"}},
                          .body = R"({"name":"once","tier":"pro"})"};
  std::string id;
  std::string text;
  {
    TollgateProcess tollgate = start();
    const HttpReply made = tollgate.admin_call("admin", creation);
    ASSERT_EQ(made.status, 201) << made.body;
    id = Json(made.body)["id"].text();
    text = Json(made.body)["apiKey"].text();
    tollgate.kill();
  }
  TollgateProcess tollgate = start();
  const HttpReply again = tollgate.admin_call("admin", creation);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(Json(again.body)["id"].text(), id);
  EXPECT_TRUE(Json(again.body)["apiKey"].is_null());
  EXPECT_EQ(Json(tollgate.get("admin", "/api/admin/keys?search=once").body)["data"].size(), 1u);
  EXPECT_EQ(tollgate.use(text).status, 200) << "the first answer's key is the one";
  const std::string secret = text.substr(text.rfind('_', text.rfind('_') - 1));
  for (const char* file : {"/admin.db", "/admin.db-wal"}) {
    const std::string bytes = read_file(dir_.file("data") + file).value_or("");
    EXPECT_EQ(bytes.find(secret), std::string::npos) << file;
    EXPECT_EQ(bytes.find("4f1c-retry"), std::string::npos) << file;
  }

  const HttpReply rotated =
      tollgate.admin_call("admin", {.method = "POST", .target = str::cat("/api/admin/keys/", id, "/rotate")});
  EXPECT_EQ(tollgate.use(Json(rotated.body)["apiKey"].text()).status, 200) << "which is what the notice advises";
}

TEST_F(Restart, ARotationThatIsRepeatedAfterAKillEndsNoSecret) {
  HttpCall rotation{.method = "POST", .headers = {{"Idempotency-Key", "rotate-once"}}};
  std::string original;
  std::string renewed;
  {
    TollgateProcess tollgate = start();
    const CreatedKey key = tollgate.create_key(R"({"name":"rotated","tier":"pro"})");
    original = key.text;
    rotation.target = str::cat("/api/admin/keys/", key.id, "/rotate");
    renewed = Json(tollgate.admin_call("admin", rotation).body)["apiKey"].text();
    tollgate.kill();
  }
  TollgateProcess tollgate = start();
  const HttpReply again = tollgate.admin_call("admin", rotation);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_TRUE(Json(again.body)["apiKey"].is_null()) << again.body;
  EXPECT_EQ(tollgate.use(original).status, 200) << "within its grace";
  EXPECT_EQ(tollgate.use(renewed).status, 200);
}

TEST_F(Restart, AStopFinishesWhatIsUnderWay) {
  TollgateProcess tollgate = start();
  const CreatedKey key = tollgate.create_key(R"({"name":"slow","tier":"free"})");
  HttpClient client(tollgate.address("gateway"));
  client.send(str::cat("GET /api/slow?ms=1500 HTTP/1.1\r\nHost: a\r\nX-API-Key: ", key.text, "\r\n\r\n"));
  const auto forwarded = [&] {
    return tollgate.call("gateway", {.target = "/metrics"}).body.find("\ntollgate_upstream_connects_total 1\n") !=
           std::string::npos;
  };
  ASSERT_TRUE(eventually(Millis(1'000), forwarded)) << tollgate.call("gateway", {.target = "/metrics"}).body;
  tollgate.process().signal(SIGTERM);
  const HttpReply reply = client.read_reply();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(Json(reply.body)["delayedMs"].uint(), 1500u);
  EXPECT_EQ(tollgate.process().wait(), 0) << tollgate.process().err();
  EXPECT_FALSE(read_file(dir_.file("data") + "/endpoints.json"));
}

TEST_F(Restart, AStartAfterAKillLeavesNoOldAddresses) {
  const std::string endpoints = dir_.file("data") + "/endpoints.json";
  std::string before;
  {
    TollgateProcess tollgate = start();
    before = read_file(endpoints).value_or("");
    tollgate.kill();
  }
  ASSERT_EQ(read_file(endpoints).value_or(""), before);
  // One that takes the directory and does not come up: the address is not of this machine.
  ChildProcess refused(testing::tollgate(
      {"up", "--base-port", "0", "--data-dir", dir_.file("data"), "--listen", "203.0.113.1", "--insecure-admin"},
      {{"ADMIN_PASSWORD", "9wX-enough-entropy-here"}}));
  EXPECT_EQ(refused.wait(), 1);
  EXPECT_FALSE(read_file(endpoints)) << "a script would take it for a server that is ready";
}

}  // namespace
}  // namespace tollgate::testing
