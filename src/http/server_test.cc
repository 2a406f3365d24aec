#include "http/server.h"

#include <gtest/gtest.h>

#include <future>

#include "http/router.h"
#include "tests/support/http_client.h"

namespace tollgate::http {
namespace {

using testing::HttpClient;

Task<Response> hello() {
  co_return text("hello");
}

class FullServer : public ::testing::Test {
 protected:
  FullServer() {
    router_.add("GET /", {}, [](Request&) { return hello(); });
  }
  static IpAddress address(std::uint8_t last) { return IpAddress::v4({127, 0, 0, last}); }
  HttpClient client_from(const IpAddress& from) const { return {server_->address(), from}; }
  // What a new connection is told, without a request when it is turned away.
  int status_from(const IpAddress& from) const {
    HttpClient client = client_from(from);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    return client.read_reply().status;
  }
  void start(unsigned loops, std::uint32_t max_connections, std::uint32_t max_per_client = 0) {
    std::vector<runtime::LoopThread*> threads;
    for (unsigned i = 0; i < loops; ++i) {
      threads_.push_back(std::make_unique<runtime::LoopThread>("test"));
      threads.push_back(threads_.back().get());
    }
    server_ = *Server::start(threads, router_,
                             {.address = {.ip = IpAddress::v4({127, 0, 0, 1})},
                              .timeouts = {},
                              .max_connections = max_connections,
                              .max_per_client = max_per_client,
                              .is_uncapped = [](const IpAddress& peer) { return peer == address(kProxy); },
                              .counts = counts_});
  }

  static constexpr std::uint8_t kProxy = 9;
  Router router_;
  std::vector<std::unique_ptr<runtime::LoopThread>> threads_;
  std::shared_ptr<ServerCounts> counts_ = std::make_shared<ServerCounts>();
  std::unique_ptr<Server> server_;
};

TEST_F(FullServer, TurnsNobodyAwayAsLongAsAnyLoopHasRoom) {
  start(4, 16);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back(server_->address());
    ASSERT_EQ(clients.back().get("/").status, 200) << i;
  }
  EXPECT_EQ(HttpClient(server_->address()).read_reply().status, 503);
  EXPECT_EQ(clients.front().get("/").status, 200);
  EXPECT_EQ(counts_->open, 16U);
  EXPECT_EQ(counts_->turned_away, 1U);
}

TEST_F(FullServer, GivesAClientItsShareOverAllLoopsAndNoMore) {
  start(4, 100, 5);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(client_from(address(1)));
    ASSERT_EQ(clients.back().get("/").status, 200) << i;
  }
  for (int i = 0; i < 8; ++i) EXPECT_EQ(status_from(address(1)), 503);
  EXPECT_EQ(counts_->turned_away, 8U);
  EXPECT_EQ(counts_->turned_away_per_client, 8U);
  EXPECT_EQ(status_from(address(2)), 200) << "another client";
  for (HttpClient& client : clients) EXPECT_EQ(client.get("/").status, 200) << "who is in stays in";
}

TEST_F(FullServer, GivesAClientsPlaceBackWhenItsConnectionEnds) {
  start(2, 100, 1);
  for (int i = 0; i < 20; ++i) {
    // The server learns of the last one's end in its own time.
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (status_from(address(1)) != 200) ASSERT_LT(std::chrono::steady_clock::now(), give_up) << i;
  }
}

TEST_F(FullServer, CountsNoClientsOfAProxyAsOne) {
  start(2, 12, 1);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(client_from(address(kProxy)));
    ASSERT_EQ(clients.back().get("/").status, 200) << i;
  }
  EXPECT_EQ(status_from(address(kProxy)), 503) << "beyond the most of all";
  EXPECT_EQ(counts_->turned_away_per_client, 0U);
}

TEST_F(FullServer, SaysSoAlsoToWhoHasSentARequestAlready) {
  start(1, 1);
  HttpClient first(server_->address());
  ASSERT_EQ(first.get("/").status, 200);
  std::promise<void> go_on;
  threads_[0]->loop().post([&] { go_on.get_future().wait(); });
  HttpClient second(server_->address());
  second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");  // arrives before the server can accept
  go_on.set_value();
  EXPECT_EQ(second.read_reply().status, 503);
  EXPECT_EQ(second.read_until_closed(), "");  // and no reset
}

}  // namespace
}  // namespace tollgate::http
