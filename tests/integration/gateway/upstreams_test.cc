// Which upstream a request goes to, and over which connection.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tollgate::testing
