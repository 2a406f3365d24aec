// Bodies that are too long, too slow or broken: how they are refused, and who hears of it.
#include <gtest/gtest.h>

#include "tests/support/gateway_harness.h"

namespace tollgate::testing {
namespace {

using Peer = RecordingUpstream::Peer;

TEST(BodyLimits, ABodyBeyondTheRoutesLimitIs413AlsoWhenItsLengthIsNotSaid) {
  RecordingUpstream upstream([](Peer& peer) { peer.wait_for_end(); });
  config::GatewayConfig config;
  config.routes = {open_route("all", "/**")};
  config.routes[0].max_body_bytes = 50'000;
  GatewayHarness gateway({.config = config, .upstream = upstream.port()});
  EXPECT_EQ(gateway.call({.method = "POST", .headers = {{"Content-Length", "50001"}}}).status, 413);
  EXPECT_EQ(upstream.bytes(), 0U);
  HttpClient client = gateway.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send(as_chunk(std::string(30'000, 'x')));
  ASSERT_TRUE(upstream.wait_until([&] { return upstream.bytes() > 10'000; }));
  client.send(as_chunk(std::string(30'000, 'x')));
  EXPECT_EQ(client.read_reply().status, 413);
  EXPECT_TRUE(upstream.wait_until([&] { return upstream.open_connections() == 0; }));
  EXPECT_FALSE(upstream.received().back().ends_with("0\r\n\r\n"));
}

TEST(BodyLimits, AMalformedChunkInTheMiddleIs400AndTheUpstreamSeesNoEnd) {
  RecordingUpstream upstream([](Peer& peer) { peer.wait_for_end(); });
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send(as_chunk(std::string(30'000, 'x')));
  ASSERT_TRUE(upstream.wait_until([&] { return upstream.bytes() > 10'000; }));
  client.send("zz\r\n");
  EXPECT_EQ(client.read_reply().status, 400);
  EXPECT_TRUE(upstream.wait_until([&] { return upstream.open_connections() == 0; }));
  EXPECT_FALSE(upstream.received().back().ends_with("0\r\n\r\n"));
}

TEST(BodyLimits, AStalledBodyIs408AndAClose) {
  RecordingUpstream upstream([](Peer& peer) { peer.wait_for_end(); });
  config::GatewayConfig config;
  config.timeouts.body_idle = Millis(150);
  GatewayHarness gateway({.config = config, .upstream = upstream.port()});
  for (const std::size_t sent : {10U, 40'000U}) {  // held back, and streaming already
    HttpClient client = gateway.client();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n");
    client.send(std::string(sent, 'x'));
    const HttpReply reply = client.read_reply();
    EXPECT_EQ(reply.status, 408) << sent;
    EXPECT_TRUE(client.read_until_closed().empty());
  }
}

TEST(BodyLimits, TheAnswerToARefusedBodyIsNotLostWhileTheBodyIsStillSent) {
  RecordingUpstream upstream([](Peer& peer) { peer.wait_for_end(); });
  config::GatewayConfig config;
  config.routes = {open_route("all", "/**")};
  config.routes[0].max_body_bytes = 1000;
  GatewayHarness gateway({.config = config, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
  client.send(std::string(3'000'000, 'x'));  // without looking
  EXPECT_EQ(client.read_reply().status, 413);
  EXPECT_TRUE(client.read_until_closed().empty());
}

TEST(BodyLimits, ASlowBodyIsBoundedByTheTotalTime) {
  RecordingUpstream upstream([](Peer& peer) { peer.wait_for_end(); });
  config::GatewayConfig config;
  config.timeouts.total = Millis(150);
  GatewayHarness gateway({.config = config, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(client.read_reply().status, 408);
}

TEST(BodyLimits, TimeEarnedByABodyGrowsWithItHoweverLong) {
  EXPECT_EQ(http::time_earned_by(0), Seconds(0));
  EXPECT_EQ(http::time_earned_by(240), Seconds(1));
  EXPECT_EQ(http::time_earned_by(1ULL << 50), Seconds((1ULL << 50) / 240));  // the largest body there can be
}

}  // namespace
}  // namespace tollgate::testing
