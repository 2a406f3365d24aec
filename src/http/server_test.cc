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
  void start(unsigned loops, std::uint32_t max_connections) {
    std::vector<runtime::LoopThread*> threads;
    for (unsigned i = 0; i < loops; ++i) {
      threads_.push_back(std::make_unique<runtime::LoopThread>("test"));
      threads.push_back(threads_.back().get());
    }
    server_ = *Server::start(threads, router_,
                             {.address = {.ip = IpAddress::v4({127, 0, 0, 1})},
                              .timeouts = {},
                              .max_connections = max_connections,
                              .counts = counts_});
  }

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
