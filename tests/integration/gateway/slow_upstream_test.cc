// An upstream whose answer comes in drops: each drop is no new time.
#include <gtest/gtest.h>

#include "tests/support/gateway_harness.h"

namespace tollgate::testing {
namespace {

using Peer = RecordingUpstream::Peer;

// After the request, byte after byte of a head that never ends; each well within the time for a first byte.
void drip_head(Peer& peer) {
  if (!peer.read_request()) return;
  peer.send("HTTP/1.1 200 OK\r\nX-Drops: ");
  while (peer.send("x") && !peer.ended_within(Millis(20))) {
  }
}

class SlowUpstream : public ::testing::Test {
 protected:
  void expect_in_time(const config::Timeouts& timeouts, const HttpCall& call) {
    config::GatewayConfig config;
    config.timeouts = timeouts;
    GatewayHarness gateway({.config = config, .upstream = upstream_.port()});
    const HttpReply reply = gateway.call(call);  // which waits for ten seconds
    EXPECT_EQ(reply.status, 504) << call.method;
    EXPECT_NE(reply.body.find("upstream_timeout"), std::string::npos) << reply.body;
    EXPECT_TRUE(upstream_.wait_until([&] { return upstream_.open_connections() == 0; })) << call.method;
  }

  RecordingUpstream upstream_{drip_head};
};

TEST_F(SlowUpstream, AHeadThatDripsInHasTheTimeOfAFirstByteFromTheRequestOn) {
  config::Timeouts timeouts;
  timeouts.first_byte = Millis(300);
  expect_in_time(timeouts, {.method = "GET"});
  expect_in_time(timeouts, {.method = "POST", .body = "held"});
  expect_in_time(timeouts, {.method = "POST", .body = std::string(100'000, 's')});  // streamed: from its end on
}

TEST_F(SlowUpstream, AHeadThatDripsInHasNoMoreThanTheWholeRequest) {
  config::Timeouts timeouts;
  timeouts.total = Millis(300);
  expect_in_time(timeouts, {.method = "GET"});
  expect_in_time(timeouts, {.method = "POST", .body = std::string(100'000, 's')});
}

}  // namespace
}  // namespace tollgate::testing
