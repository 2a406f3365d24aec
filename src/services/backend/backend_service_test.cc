#include "services/backend/backend_service.h"

#include <gtest/gtest.h>

#include "codec/json/parse.h"
#include "http/server.h"
#include "tests/support/http_client.h"

namespace tollgate::services {
namespace {

using tollgate::testing::HttpClient;
using tollgate::testing::HttpReply;

class Backend : public ::testing::Test {
 protected:
  Backend() {
    server_ =
        *http::Server::start({&thread_}, service_, {.address = {.ip = IpAddress::v4({127, 0, 0, 1})}, .timeouts = {}});
  }
  HttpClient client() { return HttpClient(server_->address()); }
  static std::string code_of(const HttpReply& reply) {
    const auto document = codec::parse_json(reply.body);
    const codec::JsonValue* code = document ? document->find("code") : nullptr;
    return code == nullptr ? "" : *code->get_if<std::string>();
  }

  ManualClock clock_;
  BackendService service_{clock_};
  runtime::LoopThread thread_{"test"};
  std::unique_ptr<http::Server> server_;
};

TEST_F(Backend, DoublesTheValue) {
  HttpReply reply = client().post("/api/process/calculate", R"({"value":42})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"value":42,"result":84,"processedAt":")" + format_rfc3339(clock_.wall_now()) + R"("})");
  reply = client().post("/api/process/calculate", R"({"value":-1000000.25})");
  EXPECT_TRUE(reply.body.starts_with(R"({"value":-1000000.25,"result":-2000000.5,)")) << reply.body;
  EXPECT_TRUE(client().post("/api/process/calculate", R"({"value":1000000})").body.starts_with(R"({"value":1000000,)"));
}

TEST_F(Backend, RefusesADocumentThatIsNotAValue) {
  for (const auto* body : {"", "{}", R"({"value":"42"})", R"({"value":1,"more":2})", R"({"value":1e300})", "[42]"}) {
    const HttpReply reply = client().post("/api/process/calculate", body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(code_of(reply), "invalid_document");
  }
}

TEST_F(Backend, AnswersWithTheStatusThatWasAskedFor) {
  HttpClient one = client();  // the connection survives all of them
  for (const int status : {200, 204, 304, 404, 429, 503, 599}) {
    EXPECT_EQ(one.get("/api/status/" + std::to_string(status)).status, status);
  }
  EXPECT_EQ(one.call({.method = "DELETE", .target = "/api/status/503"}).status, 503);
  for (const auto* wrong : {"199", "600", "abc", "65736"}) {
    EXPECT_EQ(one.get(std::string("/api/status/") + wrong).status, 400) << wrong;
  }
}

TEST_F(Backend, EchoesWhatArrived) {
  const HttpReply reply = client().call(
      {.method = "PUT", .target = "/api/echo?a=1&b=%20", .headers = {{"X-Test", " two  words "}}, .body = "héllo"});
  const auto document = codec::parse_json(reply.body);
  ASSERT_TRUE(document) << reply.body;
  EXPECT_EQ(*document->find("method")->get_if<std::string>(), "PUT");
  EXPECT_EQ(*document->find("path")->get_if<std::string>(), "/api/echo");
  EXPECT_EQ(*document->find("query")->get_if<std::string>(), "a=1&b=%20");
  EXPECT_EQ(*document->find("body")->get_if<std::string>(), "héllo");
  EXPECT_EQ(*document->find("bodyBytes")->get_if<std::uint64_t>(), 6u);
  EXPECT_NE(reply.body.find(R"({"name":"X-Test","value":"two  words"})"), std::string::npos) << reply.body;
}

TEST_F(Backend, EchoesOnlyLengthAndHashOfALongOrBinaryBody) {
  HttpReply reply = client().call({.method = "POST", .target = "/api/echo", .body = std::string(65'537, 'x')});
  EXPECT_NE(reply.body.find(R"("bodyBytes":65537,)"), std::string::npos);
  EXPECT_NE(reply.body.find(R"("body":null)"), std::string::npos);
  reply = client().call({.method = "POST", .target = "/api/echo", .body = "\xff"});
  EXPECT_NE(
      reply.body.find(R"("bodySha256":"a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89","body":null)"),
      std::string::npos)
      << reply.body;
}

TEST_F(Backend, SendsExactlyTheBytesThatWereAskedFor) {
  HttpClient one = client();
  HttpReply reply = one.get("/api/bytes?n=1000003");
  EXPECT_EQ(reply.body.size(), 1'000'003u);
  EXPECT_TRUE(reply.body.starts_with("0123456789abcdef0123"));
  EXPECT_TRUE(reply.body.ends_with("012"));
  EXPECT_EQ(one.get("/api/bytes?n=0").body, "");
  reply = one.call({.method = "HEAD", .target = "/api/bytes?n=17179869184"});
  EXPECT_EQ(reply.header("Content-Length"), "17179869184");
  EXPECT_EQ(one.get("/api/bytes?n=17179869185").status, 400);
  EXPECT_EQ(one.get("/api/bytes?n=-1").status, 400);
}

TEST_F(Backend, StreamsEventsAsChunks) {
  HttpClient one = client();
  const HttpReply reply = one.get("/api/stream?events=3&intervalMs=0");
  EXPECT_EQ(reply.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(reply.body, "id: 1\ndata: {\"event\":1}\n\nid: 2\ndata: {\"event\":2}\n\nid: 3\ndata: {\"event\":3}\n\n");
  EXPECT_EQ(one.get("/api/data").status, 200);
}

TEST_F(Backend, SendsTheFirstEventBeforeTheStreamEnds) {
  HttpClient one = client();
  one.send("GET /api/stream?events=2&intervalMs=60000 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(one.read_head().status, 200);
  EXPECT_NE(one.read_some().find("id: 1\n"), std::string::npos);
}

TEST_F(Backend, EndsAStreamForAnOldClientWithTheConnection) {
  HttpClient one = client();
  one.send("GET /api/stream?events=1 HTTP/1.0\r\nHost: x\r\n\r\n");
  const HttpReply reply = one.read_reply();
  EXPECT_FALSE(reply.has("Transfer-Encoding"));
  EXPECT_EQ(reply.body, "id: 1\ndata: {\"event\":1}\n\n");
}

TEST_F(Backend, CountsAnUploadOfAnyLengthWithoutHoldingIt) {
  HttpClient one = client();
  constexpr std::size_t kPieces = 64;
  const std::string piece(64 * 1024, 'u');
  // Longer than the router would take.
  one.send("POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(kPieces * piece.size()) +
           "\r\n\r\n");
  for (std::size_t i = 0; i < kPieces; ++i) one.send(piece);
  EXPECT_EQ(one.read_reply().body, R"({"bytes":4194304})");
  one.send("POST /api/v1/upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(one.read_reply().body, R"({"bytes":3})");
  EXPECT_EQ(one.call({.method = "POST", .target = "//api/upload", .body = "four"}).body, R"({"bytes":4})");
}

TEST_F(Backend, RefusesAnUploadWithBrokenChunks) {
  HttpClient one = client();
  one.send("POST /api/upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  const HttpReply reply = one.read_reply();
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(code_of(reply), "bad_body");
  EXPECT_EQ(one.read_until_closed(), "");
}

TEST_F(Backend, AnswersLateWhenAskedTo) {
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(client().get("/api/slow?ms=50").body, R"({"delayedMs":50})");
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(50));
  EXPECT_EQ(client().get("/api/slow?ms=60001").status, 400);
}

TEST_F(Backend, DoesNotHoldAShutdownUpWithALongWait) {
  HttpClient one = client();
  one.send("GET /api/stream?events=2&intervalMs=60000 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(one.read_head().status, 200);
  HttpClient other = client();
  other.send("GET /api/slow?ms=60000 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto before = std::chrono::steady_clock::now();
  server_->drain(Millis(0));
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
}

}  // namespace
}  // namespace tollgate::services
