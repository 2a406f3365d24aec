// What upstreams do wrong, and what the client gets then: the table of hostile responses, refused and silent upstreams,
// bodies that break off, and requests that may or may not be sent again.
#include <gtest/gtest.h>

#include <future>

#include "base/str.h"
#include "tests/support/full_listener.h"
#include "tests/support/gateway_harness.h"
#include "tests/support/held_upstream.h"

namespace tollgate::testing {
namespace {

using Peer = RecordingUpstream::Peer;

// An upstream that sends `answer` to each request and then closes, or keeps the connection open.
RecordingUpstream::Behaviour answers(std::string answer, bool then_close) {
  return [answer = std::move(answer), then_close](Peer& peer) {
    while (peer.read_request()) {
      if (!peer.send(answer) || then_close) return;
    }
  };
}

struct Hostile {
  const char* name;
  std::string answer;
  bool then_close = false;
};

const std::string kHead = "HTTP/1.1 200 OK\r\n";

std::string many_fields(std::size_t count) {
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) str::append(lines, "X-", i, ": v\r\n");
  return lines;
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::vector<Hostile> invalid_answers() {
  const std::string chunked = str::cat(kHead, "Transfer-Encoding: chunked\r\n\r\n");
  return {
      {"garbage", "\x16\x03\x01 not HTTP at all\r\n\r\n"},
      {"no status line", "hello\r\n\r\n"},
      {"a body without a head", "<html>hello</html>", true},
      {"HTTP/9.9", "HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n"},
      {"status 99", "HTTP/1.1 99 X\r\nContent-Length: 0\r\n\r\n"},
      {"status 099", "HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n"},
      {"status 600", "HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n"},
      {"status 1000", "HTTP/1.1 1000 X\r\nContent-Length: 0\r\n\r\n"},
      {"status not a number", "HTTP/1.1 2x0 X\r\nContent-Length: 0\r\n\r\n"},
      {"two lengths", kHead + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
      {"a negative length", kHead + "Content-Length: -1\r\n\r\n"},
      {"a signed length", kHead + "Content-Length: +2\r\n\r\nhi"},
      {"a length that overflows", kHead + "Content-Length: 99999999999999999999999\r\n\r\n"},
      {"gzip, chunked", kHead + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"chunked, gzip", kHead + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"},
      {"an unknown coding", kHead + "Transfer-Encoding: foo\r\n\r\nabc", true},
      {"chunked twice", kHead + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"a folded line", kHead + "X-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n"},
      {"white space before a colon", kHead + "X-A : 1\r\nContent-Length: 0\r\n\r\n"},
      {"NUL in a value", kHead + std::string("X-A: a\0b\r\nContent-Length: 0\r\n\r\n", 31)},
      {"CR in a value", kHead + "X-A: a\rb\r\nContent-Length: 0\r\n\r\n"},
      {"bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"},
      {"a line without a colon", kHead + "nonsense\r\nContent-Length: 0\r\n\r\n"},
      {"40 KiB in one line", kHead + "X-A: " + std::string(40'000, 'a') + "\r\nContent-Length: 0\r\n\r\n"},
      {"500 fields", kHead + many_fields(500) + "Content-Length: 0\r\n\r\n"},
      {"101 nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: upgrade\r\n\r\n"},
      {"fifty interim responses", repeat("HTTP/1.1 102 Processing\r\n\r\n", 50) + ok_answer("")},
      {"a close without a byte", "", true},
      {"a close within the head", "HTTP/1.1 200 OK\r\nContent-Le", true},
      {"a bad chunk size", chunked + "zz\r\nabc\r\n0\r\n\r\n"},
      {"a bad chunk size after a good chunk", chunked + "3\r\nabc\r\n-1\r\n0\r\n\r\n"},
  };
}

class UpstreamFaults : public ::testing::Test {
 protected:
  static config::GatewayConfig impatient() {
    config::GatewayConfig config;
    config.timeouts.connect = config.timeouts.first_byte = config.timeouts.upstream_idle = Millis(200);
    return config;
  }
};

TEST_F(UpstreamFaults, AnInvalidAnswerIs502AndItsConnectionIsNotUsedAgain) {
  for (const Hostile& hostile : invalid_answers()) {
    RecordingUpstream upstream(answers(hostile.answer, hostile.then_close));
    GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
    HttpClient client = gateway.client();
    std::size_t sent = 0;
    const HttpCall calls[] = {
        {.method = "GET"},
        {.method = "HEAD"},
        {.method = "POST", .body = "hello"},
        {.method = "POST", .headers = {{"Transfer-Encoding", "chunked"}}, .body = "2\r\nhi\r\n0\r\n\r\n"}};
    for (const HttpCall& call : calls) {
      // A body's faults cannot be seen where there is no body.
      if (call.method == "HEAD" && hostile.answer.find("chunked\r\n\r\n") != std::string::npos &&
          std::string_view(hostile.name).starts_with("a bad chunk")) {
        continue;
      }
      const HttpReply reply = client.call(call);
      EXPECT_EQ(reply.status, 502) << hostile.name << " " << call.method;
      EXPECT_EQ(upstream.connections(), ++sent) << hostile.name << " " << call.method;
    }
    EXPECT_TRUE(upstream.wait_until([&] { return upstream.open_connections() == 0; })) << hostile.name;
    for (const core::DecisionRecord& record : gateway.log.records()) {
      EXPECT_EQ(record.outcome, core::Outcome::upstream_error) << hostile.name;
      EXPECT_EQ(record.status, 502) << hostile.name;
    }
    EXPECT_EQ(gateway.log.records().size(), sent);
  }
}

TEST_F(UpstreamFaults, AnAnswerThatBreaksOffIsNeverTakenForAWholeOne) {
  const Hostile broken[] = {
      {"within its length", kHead + "Content-Length: 10\r\n\r\nhello", true},
      {"within a chunk", kHead + "Transfer-Encoding: chunked\r\n\r\na\r\nhello", true},
      {"before the last chunk", kHead + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true},
      {"within the last chunk", kHead + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", true},
  };
  for (const Hostile& hostile : broken) {
    RecordingUpstream upstream(answers(hostile.answer, true));
    GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
    HttpClient client = gateway.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const Ending ending = read_to_end(client);
    EXPECT_TRUE(ending.reset) << hostile.name;
    EXPECT_FALSE(ending.bytes.ends_with("0\r\n\r\n")) << hostile.name;
    HttpClient old = gateway.client();
    old.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(read_to_end(old).reset) << hostile.name;
    const auto records = gateway.log.records();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].outcome, core::Outcome::upstream_error) << hostile.name;
  }
}

TEST_F(UpstreamFaults, BytesBeyondAnAnswerAreNotTheNextAnswer) {
  const std::string poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
  const std::string answers_with_more[] = {
      ok_answer("fine") + poison,
      kHead + "Transfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n" + poison,
      "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello" + poison,
      "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + poison,
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello" + poison,
  };
  for (const std::string& answer : answers_with_more) {
    RecordingUpstream upstream(answers(answer, false));
    GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
    HttpClient client = gateway.client();
    for (std::size_t i = 1; i <= 3; ++i) {
      const HttpReply reply = client.get("/");
      EXPECT_EQ(reply.body, reply.status == 200 ? "fine" : "") << answer;
      const bool framed = reply.has("Content-Length") || reply.has("Transfer-Encoding");
      EXPECT_FALSE(reply.status == 204 && framed) << answer;
      EXPECT_EQ(upstream.connections(), i) << answer;
    }
  }
}

TEST_F(UpstreamFaults, ABodyBehindTheAnswerToHeadIsNotPassedOn) {
  RecordingUpstream upstream(answers(ok_answer("hello"), false));
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  EXPECT_EQ(client.call({.method = "HEAD"}).header("Content-Length"), "5");
  EXPECT_EQ(client.get("/").body, "hello");
  EXPECT_EQ(upstream.connections(), 2U);
}

TEST_F(UpstreamFaults, ChunkedWinsOverALengthAndTheConnectionEnds) {
  RecordingUpstream upstream(
      answers(kHead + "Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", false));
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  for (std::size_t i = 1; i <= 2; ++i) {
    const HttpReply reply = client.get("/");
    EXPECT_EQ(reply.body, "hi");
    EXPECT_FALSE(reply.has("Content-Length"));
    EXPECT_EQ(upstream.connections(), i);
  }
}

TEST_F(UpstreamFaults, ARefusedConnectionIs502) {
  const std::string url = FakeServer::refusing_url();
  const auto port = str::parse_int<std::uint16_t>(url.substr(url.rfind(':') + 1)).value();
  GatewayHarness gateway({.config = {}, .upstream = port});
  const HttpReply reply = gateway.get("/");
  EXPECT_EQ(reply.status, 502);
  EXPECT_NE(reply.body.find("upstream_connect_failed"), std::string::npos);
}

TEST_F(UpstreamFaults, OneThatRefusesIsPassedOverForOneThatDoesNot) {
  RecordingUpstream upstream(RecordingUpstream::always(ok_answer("up")));
  const std::string url = FakeServer::refusing_url();
  config::GatewayConfig config;
  config.routes = {open_route("two", "/**")};
  config.routes[0].upstreams = {
      {.host = "127.0.0.1", .port = str::parse_int<std::uint16_t>(url.substr(url.rfind(':') + 1)).value()},
      {.host = "127.0.0.1", .port = upstream.port()}};
  GatewayHarness gateway({.config = config});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(gateway.call({.method = "POST", .body = "x"}).status, 200);
}

TEST_F(UpstreamFaults, AConnectionThatIsNeverAcceptedIs504) {
  const FullListener silent;
  GatewayHarness gateway({.config = impatient(), .upstream = silent.port()});
  const HttpReply reply = gateway.get("/");
  EXPECT_EQ(reply.status, 504);
  EXPECT_NE(reply.body.find("upstream_connect_timeout"), std::string::npos);
}

TEST_F(UpstreamFaults, SilenceIs504) {
  RecordingUpstream upstream([](Peer& peer) { peer.wait_for_end(); });
  GatewayHarness gateway({.config = impatient(), .upstream = upstream.port()});
  EXPECT_EQ(gateway.get("/").status, 504);
  EXPECT_EQ(gateway.call({.method = "POST", .body = std::string(100'000, 'x')}).status, 504);  // streamed
  EXPECT_TRUE(upstream.wait_until([&] { return upstream.open_connections() == 0; }));
  EXPECT_EQ(gateway.log.records().at(0).outcome, core::Outcome::upstream_error);
}

TEST_F(UpstreamFaults, SilenceWithinABodyEndsTheConnection) {
  RecordingUpstream upstream([](Peer& peer) {
    peer.read_request();
    peer.send(kHead + "Content-Length: 10\r\n\r\nhello");
    peer.wait_for_end();
  });
  GatewayHarness gateway({.config = impatient(), .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(read_to_end(client).reset);
}

TEST_F(UpstreamFaults, TheTotalTimeIsBounded) {
  RecordingUpstream upstream([](Peer& peer) {
    peer.read_request();
    peer.send(kHead + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
    peer.wait_for_end();
  });
  config::GatewayConfig config;
  config.timeouts.total = Millis(200);
  GatewayHarness gateway({.config = config, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(read_to_end(client).reset);
}

// Answers the first request of each connection; closes the first connection at its second request without a byte.
RecordingUpstream::Behaviour closes_when_reused() {
  return [](Peer& peer) {
    if (!peer.read_request()) return;
    peer.send(ok_answer("first"));
    if (!peer.read_request()) return;
    if (peer.number() > 0) peer.send(ok_answer("second"));
  };
}

TEST_F(UpstreamFaults, AnIdempotentRequestOnAReusedConnectionIsSentAgainOnce) {
  RecordingUpstream upstream(closes_when_reused());
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  EXPECT_EQ(client.get("/1").status, 200);
  EXPECT_EQ(client.get("/2").status, 200);
  EXPECT_EQ(upstream.connections(), 2U);
  EXPECT_EQ(upstream.requests().size(), 3U);
}

TEST_F(UpstreamFaults, APostOnAReusedConnectionIsNeverSentAgain) {
  RecordingUpstream upstream(closes_when_reused());
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  EXPECT_EQ(client.get("/1").status, 200);
  EXPECT_EQ(client.call({.method = "POST", .target = "/2", .body = "once"}).status, 502);
  EXPECT_EQ(upstream.connections(), 1U);
  EXPECT_EQ(upstream.requests().size(), 2U);
}

TEST_F(UpstreamFaults, ANewConnectionThatClosesIsNotTriedAgain) {
  RecordingUpstream upstream([](Peer& peer) { peer.read_request(); });
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  EXPECT_EQ(gateway.get("/").status, 502);
  EXPECT_EQ(upstream.connections(), 1U);
}

TEST_F(UpstreamFaults, OneThatClosesEveryReusedConnectionSeesARequestTwiceAtMost) {
  std::atomic<bool> closing{false};
  RecordingUpstream upstream([&](Peer& peer) {
    while (peer.read_request()) {
      if (closing) return;
      peer.send(ok_answer("x"));
    }
  });
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  // Four connections in the pool: four requests at once, each answered when all are there.
  std::vector<HttpClient> clients;
  std::promise<void> all_there;
  std::shared_future<void> wait = all_there.get_future().share();
  std::atomic<int> there{0};
  upstream.set_behaviour([&](Peer& peer) {
    peer.read_request();
    if (++there == 4) all_there.set_value();
    wait.wait();
    peer.send(ok_answer("x"));
    peer.read_request();
  });
  for (int i = 0; i < 4; ++i) {
    clients.push_back(gateway.client());
    clients.back().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (HttpClient& client : clients) EXPECT_EQ(client.read_reply().status, 200);
  closing = true;
  upstream.set_behaviour([&](Peer& peer) { peer.read_request(); });
  EXPECT_EQ(gateway.get("/last").status, 502);
  EXPECT_EQ(upstream.requests().size(), 6U);
}

TEST_F(UpstreamFaults, AnIdleConnectionThatIsClosedIsNotUsed) {
  RecordingUpstream upstream([](Peer& peer) {
    peer.read_request();
    peer.send(ok_answer("x"));
  });
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  for (std::size_t i = 1; i <= 5; ++i) {
    EXPECT_EQ(client.call({.method = "POST", .body = "x"}).status, 200);  // a POST could not be sent again
    ASSERT_TRUE(upstream.wait_until([&] { return upstream.open_connections() == 0; }));
    // The gateway learns of it through its loop: one turn of it is behind us when it has answered something else.
    EXPECT_EQ(client.get("/healthz").status, 200);
    EXPECT_EQ(upstream.requests().size(), i);
  }
}

TEST_F(UpstreamFaults, DeadlinesOfAnUploadDoNotOutliveItOnThePooledConnection) {
  RecordingUpstream upstream(RecordingUpstream::always(ok_answer("x")));
  config::GatewayConfig config = impatient();
  config.timeouts.connect = Millis(2'000);
  GatewayHarness gateway({.config = config, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  EXPECT_EQ(client.call({.method = "POST", .body = std::string(100'000, 'x')}).status, 200);
  // Longer than the first byte may take: a connection that never gets a request is answered by nobody, but is closed.
  config::GatewayConfig waiting;
  waiting.timeouts.keep_alive = Millis(400);
  GatewayHarness clock({.config = waiting, .upstream = upstream.port()});
  HttpClient idle = clock.client();
  EXPECT_TRUE(idle.read_until_closed().empty());
  EXPECT_EQ(client.call({.method = "POST", .body = "x"}).status, 200);
  EXPECT_EQ(upstream.connections(), 1U);
}

TEST_F(UpstreamFaults, OneThatStopsTakingABodyIsWaitedForWithALimit) {
  std::promise<void> done;
  std::shared_future<void> wait = done.get_future().share();
  RecordingUpstream upstream([&](Peer& peer) {
    peer.read_head();
    peer.shutdown_write();  // no answer will come, and nothing more is read
    wait.wait();
  });
  GatewayHarness gateway({.config = impatient(), .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  client.send(std::string(100'000, 'x'));
  EXPECT_EQ(client.read_reply().status, 502);
  done.set_value();
}

TEST_F(UpstreamFaults, AClientThatResetsEndsItsRequestUpstream) {
  HeldUpstream upstream;
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  upstream.wait_for_request();
  client.reset();
  EXPECT_TRUE(upstream.wait_until_left());
  gateway.server().drain(Millis(10'000));  // and with it the record is written
  ASSERT_EQ(gateway.log.records().size(), 1U);
  EXPECT_EQ(gateway.log.records()[0].status, 0);
  EXPECT_EQ(gateway.log.records()[0].outcome, core::Outcome::allowed);  // neither the upstream's fault nor ours
}

TEST_F(UpstreamFaults, AClientThatClosesItsSideIsAnsweredUnlessConfiguredOtherwise) {
  for (const bool abort : {false, true}) {
    HeldUpstream upstream(abort ? std::nullopt : std::optional(ok_answer("late")));
    config::GatewayConfig config;
    config.abort_on_client_close = abort;
    GatewayHarness gateway({.config = config, .upstream = upstream.port()});
    HttpClient client = gateway.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    upstream.wait_for_request();
    client.shutdown_write();
    if (abort) {
      EXPECT_TRUE(upstream.wait_until_left());
    } else {
      upstream.answer();
      EXPECT_EQ(client.read_reply().body, "late");
    }
  }
}

}  // namespace
}  // namespace tollgate::testing
