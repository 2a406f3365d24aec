// Which upstream a request goes to, and over which connection.
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include "tests/support/gateway_harness.h"

namespace tollgate::testing {
namespace {

core::Route route_to(const std::string& path, const std::vector<const RecordingUpstream*>& upstreams) {
  core::Route route = open_route(path.substr(1, 1), path + "/**");
  for (const RecordingUpstream* upstream : upstreams)
    route.upstreams.push_back({.host = "127.0.0.1", .port = upstream->port()});
  return route;
}

TEST(UpstreamChoice, EachRouteTakesItsUpstreamsInTurnWhateverOtherRoutesAreAskedFor) {
  RecordingUpstream first(RecordingUpstream::always(ok_answer("")));
  RecordingUpstream second(RecordingUpstream::always(ok_answer("")));
  config::GatewayConfig config;
  config.routes = {route_to("/a", {&first, &second}), route_to("/b", {&first, &second})};
  GatewayHarness gateway({.config = config});
  HttpClient client = gateway.client();
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(client.get("/a/").status, 200);
    ASSERT_EQ(client.get("/b/").status, 200);
  }
  for (const RecordingUpstream* upstream : {&first, &second}) {
    std::size_t of_a = 0;
    for (const FakeRequest& request : upstream->requests()) of_a += request.target == "/a/" ? 1U : 0U;
    EXPECT_EQ(of_a, 2U);
    EXPECT_EQ(upstream->requests().size(), 4U);
  }
}

// While it lives no descriptor can be opened: the limit is the first free number.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const UniqueFd next_free(::dup(STDIN_FILENO));
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(next_free.get());
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(UpstreamChoice, WithoutADescriptorARequestIsShedAndNoUpstreamBlamed) {
  RecordingUpstream first(RecordingUpstream::always(ok_answer("")));
  RecordingUpstream second(RecordingUpstream::always(ok_answer("")));
  config::GatewayConfig config;
  config.routes = {route_to("/a", {&first, &second})};
  GatewayHarness gateway({.config = config});
  HttpClient client = gateway.client();
  ASSERT_EQ(client.get("/healthz").status, 200);
  {
    const NoDescriptors none;
    const HttpReply reply = client.get("/a/");
    EXPECT_EQ(reply.status, 503);
    EXPECT_NE(reply.body.find("\"code\":\"overloaded\""), std::string::npos) << reply.body;
    EXPECT_EQ(client.get("/healthz").status, 200);  // who is connected is served
  }
  ASSERT_EQ(gateway.log.records().size(), 1U);
  EXPECT_EQ(gateway.log.records()[0].outcome, core::Outcome::shed);
  EXPECT_EQ(client.get("/a/").status, 200);
  EXPECT_EQ(client.get("/a/").status, 200);
  EXPECT_EQ(first.connections(), 1U);
  EXPECT_EQ(second.connections(), 1U);
}

}  // namespace
}  // namespace tollgate::testing
