// Request and response bodies on their way through the gateway: framing, streaming, back-pressure, interim responses.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <future>

#include "base/str.h"
#include "tests/support/gateway_harness.h"

// Freed memory that AddressSanitizer holds back would hide what is measured here.
// NOLINTNEXTLINE(readability-identifier-naming,bugprone-reserved-identifier): the name that the sanitizer looks for
extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=16";
}

namespace tollgate::testing {
namespace {

using Peer = RecordingUpstream::Peer;

constexpr std::size_t kMiB = 1 << 20;

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * 4096;
}

TEST(Bodies, ALengthIsForwardedAsItIs) {
  RecordingUpstream upstream(RecordingUpstream::always(ok_answer("fine")));
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  EXPECT_EQ(gateway.call({.method = "POST", .body = "hello"}).body, "fine");
  ASSERT_EQ(upstream.requests().size(), 1U);
  EXPECT_EQ(upstream.requests()[0].header("Content-Length"), "5");
  EXPECT_EQ(upstream.requests()[0].body, "hello");
}

TEST(Bodies, AShortChunkedBodyIsForwardedWithALength) {
  RecordingUpstream upstream(RecordingUpstream::always(ok_answer("")));
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send("3\r\nabc\r\n");
  client.send("2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n");
  EXPECT_EQ(client.read_reply().status, 200);
  ASSERT_EQ(upstream.requests().size(), 1U);
  EXPECT_EQ(upstream.requests()[0].header("Content-Length"), "5");
  EXPECT_EQ(upstream.requests()[0].header("Transfer-Encoding"), "");
  EXPECT_EQ(upstream.requests()[0].body, "abcde");
  // The bytes behind it are the next request.
  EXPECT_EQ(client.get("/again").status, 200);
}

TEST(Bodies, ALongChunkedBodyStreamsBeforeItIsWhole) {
  std::promise<void> seen;
  RecordingUpstream upstream([&](Peer& peer) {
    const auto request = peer.read_head();
    EXPECT_EQ(request->header("Transfer-Encoding"), "chunked");
    EXPECT_FALSE(peer.read_some().empty());
    seen.set_value();
    std::string rest;
    while (!rest.ends_with("0\r\n\r\n")) rest += peer.read_some();
    peer.send(ok_answer("all"));
    peer.wait_for_end();
  });
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send(as_chunk(std::string(40'000, 'x')));
  ASSERT_EQ(seen.get_future().wait_for(Seconds(10)), std::future_status::ready);
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.read_reply().body, "all");
}

TEST(Bodies, AnUploadInTinyChunksIsNoPacketForEachAtTheUpstream) {
  constexpr std::size_t kBytes = 100'000;
  RecordingUpstream upstream(RecordingUpstream::always(ok_answer("x")));
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  std::string body;
  std::string chunks;
  for (std::size_t i = 0; i < kBytes; ++i) {
    body += static_cast<char>('a' + i % 26);
    chunks += as_chunk(std::string_view(body).substr(i));
  }
  const HttpReply reply =
      gateway.call({.method = "POST", .headers = {{"Transfer-Encoding", "chunked"}}, .body = chunks + "0\r\n\r\n"});
  EXPECT_EQ(reply.status, 200);
  ASSERT_EQ(upstream.requests().size(), 1U);
  EXPECT_EQ(upstream.requests()[0].body, body);
  EXPECT_LT(upstream.bytes(), kBytes + kBytes / 4) << "each chunk has a frame of its own";
}

TEST(Bodies, SixtyFourMebibytesPassInBothDirectionsWithFlatMemory) {
  static constexpr std::size_t kSize = 64 * kMiB;
  RecordingUpstream upstream([](Peer& peer) {
    while (peer.read_head()) {
      std::size_t got = 0;
      while (got < kSize) {
        const std::string more = peer.read_some();
        if (more.empty()) return;
        got += more.size();
      }
      EXPECT_EQ(got, kSize);
      peer.send(str::cat("HTTP/1.1 200 OK\r\nContent-Length: ", kSize, "\r\n\r\n"));
      const std::string piece(kMiB, 'r');
      for (std::size_t i = 0; i < 64; ++i) peer.send(piece);
    }
  });
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  const auto transfer = [&] {
    HttpClient client = gateway.client();
    client.send(str::cat("PUT /big HTTP/1.1\r\nHost: a\r\nContent-Length: ", kSize, "\r\n\r\n"));
    const std::string piece(kMiB, 'x');
    for (std::size_t i = 0; i < 64; ++i) client.send(piece);
    EXPECT_EQ(client.read_head().status, 200);
    std::size_t got = 0;
    while (got < kSize) got += client.read_some().size();
    EXPECT_EQ(got, kSize);
  };
  transfer();  // buffers and free lists have grown after the first
  const std::size_t before = resident_bytes();
  transfer();
  // Far less than one body. Not less than this: what this test itself frees stays resident for a while under ASan.
  EXPECT_LT(resident_bytes(), before + 24 * kMiB);
  EXPECT_EQ(upstream.connections(), 1U);
}

TEST(Bodies, AClientThatDoesNotReadStopsTheUpstream) {
  std::atomic<std::size_t> sent{0};
  std::promise<void> stuck;
  RecordingUpstream upstream([&](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
    const std::string piece(256 * 1024, 'r');
    while (peer.send(piece)) sent += piece.size();
    stuck.set_value();
  });
  config::GatewayConfig config;
  config.timeouts.write_stall = Millis(700);
  GatewayHarness gateway({.config = config, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_EQ(stuck.get_future().wait_for(Seconds(10)), std::future_status::ready);
  // The kernel's buffers of both connections and one block here, not the gibibyte.
  EXPECT_LT(sent, 32 * kMiB);
  EXPECT_TRUE(read_to_end(client).reset);
}

TEST(Bodies, HeadAnd204And304NeverHaveOne) {
  RecordingUpstream upstream([](Peer& peer) {
    while (const auto request = peer.read_request()) {
      if (request->target == "/204") {
        peer.send("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n");
      } else if (request->target == "/304") {
        peer.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
      } else {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
      }
    }
  });
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  const HttpReply head = client.call({.method = "HEAD"});
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "5");
  const HttpReply no_content = client.get("/204");
  EXPECT_EQ(no_content.status, 204);
  EXPECT_FALSE(no_content.has("Content-Length"));
  const HttpReply not_modified = client.get("/304");
  EXPECT_EQ(not_modified.status, 304);
  EXPECT_EQ(not_modified.header("Content-Length"), "5");
  EXPECT_EQ(client.get("/204").status, 204);
  EXPECT_EQ(upstream.connections(), 1U);
}

TEST(Bodies, A10ClientGetsNoChunksAndAClose) {
  RecordingUpstream upstream(RecordingUpstream::always(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
  const Ending ending = read_to_end(client);
  EXPECT_FALSE(ending.reset);
  EXPECT_TRUE(ending.bytes.ends_with("\r\n\r\nabcde")) << ending.bytes;
  EXPECT_EQ(ending.bytes.find("Transfer-Encoding"), std::string::npos);
  EXPECT_NE(ending.bytes.find("Connection: close"), std::string::npos);
  EXPECT_EQ(gateway.get("/").body, "abcde");
  EXPECT_EQ(upstream.connections(), 1U);
}

TEST(Bodies, AConnectionServesRequestAfterRequestOverOneUpstreamConnection) {
  RecordingUpstream upstream(RecordingUpstream::always(ok_answer("x")));
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  for (int i = 0; i < 20; ++i) ASSERT_EQ(client.call({.method = "POST", .body = "body"}).status, 200);
  EXPECT_EQ(upstream.connections(), 1U);
  EXPECT_EQ(upstream.requests().size(), 20U);
}

TEST(Bodies, TenThousandPipelinedRequestsAreAnsweredInOrder) {
  RecordingUpstream upstream([](Peer& peer) {
    while (const auto request = peer.read_request()) {
      if (!peer.send(ok_answer(str::cat(request->target, request->body)))) return;
    }
  });
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  constexpr int kRequests = 10'000;
  auto sending = std::async(std::launch::async, [&] {
    std::string all;
    for (int i = 0; i < kRequests; ++i) {
      str::append(all, "POST /", i, " HTTP/1.1\r\nHost: a\r\n");
      if (i % 3 == 0) str::append(all, "Content-Length: 3\r\n\r\nabc");
      if (i % 3 == 1) str::append(all, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
      if (i % 3 == 2) str::append(all, "\r\n");
    }
    client.send(all);
  });
  for (int i = 0; i < kRequests; ++i) {
    const HttpReply reply = client.read_reply();
    ASSERT_EQ(reply.status, 200);
    ASSERT_EQ(reply.body, str::cat("/", i, i % 3 == 2 ? "" : "abc"));
  }
  sending.get();
}

TEST(Bodies, LocallyAnsweredPipelinedRequestsDoNotPileUpOnTheStack) {
  RecordingUpstream upstream(RecordingUpstream::always(ok_answer("")));
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  constexpr int kRequests = 20'000;
  auto sending = std::async(std::launch::async, [&] {
    std::string all;
    for (int i = 0; i < kRequests; ++i) all += "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(all);
  });
  for (int i = 0; i < kRequests; ++i) ASSERT_EQ(client.read_reply().status, 200);
  sending.get();
}

TEST(Bodies, UntilCloseBecomesChunked) {
  RecordingUpstream upstream([](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\n\r\nno length");
  });
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  const HttpReply reply = client.get("/");
  EXPECT_EQ(reply.body, "no length");
  EXPECT_EQ(reply.header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(client.get("/").body, "no length");  // the client's connection goes on
  EXPECT_EQ(upstream.connections(), 2U);
}

TEST(Bodies, TrailersOfAResponseAreDropped) {
  RecordingUpstream upstream(
      RecordingUpstream::always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: "
                                "X-T\r\n\r\n3;e=1\r\nabc\r\n0\r\nX-T: 1\r\nContent-Length: "
                                "99\r\n\r\n"));
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string bytes = read_to_end(client).bytes;
  EXPECT_EQ(bytes.find("X-T"), std::string::npos);
  EXPECT_EQ(bytes.find("e=1"), std::string::npos);
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n3\r\nabc\r\n0\r\n\r\n")) << bytes;
}

TEST(Bodies, EarlyHintsArePassedOnAndOtherInterimResponsesAreNot) {
  RecordingUpstream upstream(RecordingUpstream::always(
      str::cat("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\nConnection: X-Hop\r\nX-Hop: "
               "1\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
               ok_answer("final"))));
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const HttpReply hints = client.read_head();
  EXPECT_EQ(hints.status, 103);
  EXPECT_EQ(hints.header("Link"), "</s.css>");
  EXPECT_FALSE(hints.has("X-Hop"));
  const HttpReply reply = client.read_reply();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "final");
  HttpClient old = gateway.client();
  old.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(read_to_end(old).bytes.starts_with("HTTP/1.1 200"));
}

TEST(Bodies, ContinueIsSentToWhoWaitsForIt) {
  RecordingUpstream upstream(RecordingUpstream::always(ok_answer("took it")));
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-Continue\r\n\r\n");
  EXPECT_EQ(client.read_head().status, 100);
  EXPECT_EQ(upstream.connections(), 0U);
  client.send("body");
  EXPECT_EQ(client.read_head().status, 200);
  EXPECT_EQ(client.read_some(), "took it");
  EXPECT_EQ(upstream.requests()[0].header("Expect"), "");
  EXPECT_EQ(upstream.requests()[0].body, "body");
}

TEST(Bodies, ContinueIsNotSentToARefusedRequest) {
  RecordingUpstream upstream(RecordingUpstream::always(ok_answer("")));
  config::GatewayConfig config;
  config.routes = {open_route("limited", "/limited"), keyed_route("keyed", "/keyed"), open_route("small", "/small")};
  config.routes[0].limits.push_back(
      {.name = "none", .bucket = {.refill_micro = 1, .max_burst = 1, .tokens_per_window = 1}, .scope = {}});
  config.routes[0].cost = 1;
  config.routes[2].max_body_bytes = 10;
  GatewayHarness gateway({.config = config, .upstream = upstream.port()});
  ASSERT_EQ(gateway.get("/limited").status, 200);
  const std::size_t before = upstream.bytes();
  for (const auto& [path, status] : {std::pair("/limited", 429), {"/keyed", 401}, {"/small", 413}, {"/none", 404}}) {
    HttpClient client = gateway.client();
    client.send(str::cat("POST ", path, " HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"));
    const HttpReply reply = client.read_head();
    EXPECT_EQ(reply.status, status) << path;
    EXPECT_EQ(reply.header("Connection"), "close") << path;
    EXPECT_FALSE(read_to_end(client).reset) << path;
  }
  EXPECT_EQ(upstream.bytes(), before);
}

TEST(Bodies, ARefusedBodyThatHasArrivedDoesNotCostTheConnection) {
  RecordingUpstream upstream(RecordingUpstream::always(ok_answer("")));
  config::GatewayConfig config;
  config.routes = {keyed_route("keyed", "/keyed"), open_route("open", "/open")};
  GatewayHarness gateway({.config = config, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("POST /keyed HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /open HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_reply().status, 401);
  EXPECT_EQ(client.read_reply().status, 200);
  ASSERT_EQ(upstream.requests().size(), 1U);
  EXPECT_EQ(upstream.requests()[0].target, "/open");
}

TEST(Bodies, AnEarlyAnswerIsPassedOnAndBothConnectionsEnd) {
  RecordingUpstream upstream([](Peer& peer) {
    peer.read_head();
    peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
    peer.wait_for_end();
  });
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  client.send(std::string(100'000, 'x'));
  const HttpReply reply = client.read_reply();
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.body, "big");
  EXPECT_EQ(reply.header("Connection"), "close");
  EXPECT_TRUE(client.read_until_closed().empty());
  EXPECT_TRUE(upstream.wait_until([&] { return upstream.open_connections() == 0; }));
}

TEST(Bodies, EventsArePassedOnOneByOne) {
  std::promise<void> go_on[3];
  RecordingUpstream upstream([&](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    for (int i = 0; i < 3; ++i) {
      peer.send(str::cat("data: ", i, "\n\n"));
      go_on[i].get_future().wait();
    }
  });
  GatewayHarness gateway({.config = {}, .upstream = upstream.port()});
  HttpClient client = gateway.client();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_head().status, 200);
  for (int i = 0; i < 3; ++i) {
    const std::string event = str::cat("data: ", i, "\n\n");
    std::string got;
    while (got.find(event) == std::string::npos) got += client.read_some();  // ends only when it has come by itself
    go_on[i].set_value();
  }
}

}  // namespace
}  // namespace tollgate::testing
