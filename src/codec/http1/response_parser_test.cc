#include "codec/http1/response_parser.h"

#include <gtest/gtest.h>

#include "codec/http1/test_drive.h"

namespace tollgate::codec {
namespace {

constexpr std::string_view kRefused = "upstream_invalid_response";

std::string with(std::string_view lines, std::string_view status_line = "HTTP/1.1 200 OK") {
  return str::cat(status_line, "\r\n", lines, lines.empty() ? "\r\n" : "\r\n\r\n");
}

ResponseHead parsed(const std::string& bytes, Method method = Method::get) {
  ResponseParser parser;
  parser.reset(method);
  EXPECT_EQ(parser.parse(bytes), ParseStatus::complete) << bytes << parser.error_detail();
  return parser.head();
}

TEST(StatusLine, YieldsStatusReasonAndVersion) {
  const std::string bytes = with("Content-Length: 3", "HTTP/1.1 404 Not \xc3\xa9 Found");
  const ResponseHead head = parsed(bytes);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.reason.in(bytes), "Not \xc3\xa9 Found");
  EXPECT_EQ(head.minor, 1);
  EXPECT_EQ(head.framing, Framing::content_length);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.size, bytes.size());
  EXPECT_EQ(parsed(with("", "HTTP/1.1 200 ")).reason.length, 0U);
  EXPECT_EQ(parsed(with("", "HTTP/1.1 200")).status, 200);
  EXPECT_EQ(parsed(with("", "HTTP/1.0 599 x")).minor, 0);
}

TEST(StatusLine, RefusesTheFirstByteThatCannotBelong) {
  for (const std::string_view bytes :
       {"\x16", "<", "\r", "h", "HTTP/2", "HTTP/9", "HTTP/1.x", "HTTP/1.1\r", "HTTP/1.1  ", "HTTP/1.1 0", "HTTP/1.1 6",
        "HTTP/1.1 59 ", "HTTP/1.1 1000", "HTTP/1.1 20x", "HTTP/1.1 200\t", "HTTP/1.1 200 a\n", "HTTP/1.1 200 \x01",
        "HTTP/1.1 200 a\rb", "HTTP/1.1 200\rb"}) {
    EXPECT_EQ(drive_response(bytes).outcome, kRefused) << bytes;
    EXPECT_EQ(drive_response(bytes.substr(0, bytes.size() - 1)).outcome, "incomplete") << bytes;
  }
}

TEST(ResponseFields, HaveTheStrictSyntaxOfRequests) {
  for (const std::string_view line :
       {"X : v", "X: v\r\n folded", " X: v", ": v", "X", "X: a\nY: b", "X: a\rb", "X: \x01", "X[: a"}) {
    EXPECT_EQ(drive_response(with(line)).outcome, kRefused) << line;
  }
  EXPECT_EQ(drive_response(with(std::string_view("X: a\0b", 6))).outcome, kRefused);
  EXPECT_EQ(drive_response(with("X: \xe9\r\nContent-Length: 0")).outcome, "accepted");
}

TEST(ResponseFields, AreBounded) {
  std::string lines = "Content-Length: 0";
  for (int i = 1; i < 200; ++i) str::append(lines, "\r\nX: ", i);
  EXPECT_EQ(drive_response(with(lines)).outcome, "accepted");
  EXPECT_EQ(drive_response(with(lines + "\r\nX: 200")).outcome, kRefused);
  EXPECT_EQ(drive_response(with("Content-Length: 0\r\nX: " + std::string(32 * 1024 - 3, 'v'))).outcome, "accepted");
  EXPECT_EQ(drive_response(with("Content-Length: 0\r\nX: " + std::string(32 * 1024 - 2, 'v'))).outcome, kRefused);
  const std::string large = "\r\nX: " + std::string(30'000, 'v');
  EXPECT_EQ(drive_response(with("Content-Length: 0" + large + large + large)).outcome, kRefused);
}

TEST(ResponseFraming, RefusesEveryLengthThatIsNotOnePlainNumber) {
  for (const std::string_view value : {"", "-1", "+2", "5, 5", "0x5", "005", "99999999999999999999", "5 5"}) {
    EXPECT_EQ(drive_response(with(str::cat("Content-Length: ", value))).outcome, kRefused) << value;
    EXPECT_EQ(drive_response(with(str::cat("Content-Length: ", value)), {}, Method::head).outcome, kRefused) << value;
  }
  EXPECT_EQ(drive_response(with("Content-Length: 5\r\nContent-Length: 6")).outcome, kRefused);
  EXPECT_EQ(drive_response(with("Content-Length: 5\r\nContent-Length: 5") + "hello").body, "hello");
}

TEST(ResponseFraming, RefusesEveryCodingButChunked) {
  for (const std::string_view value :
       {"gzip, chunked", "chunked, gzip", "foo", "identity", "", "chunked, chunked", "xchunked"}) {
    EXPECT_EQ(drive_response(with(str::cat("Transfer-Encoding: ", value))).outcome, kRefused) << value;
  }
  EXPECT_EQ(drive_response(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")).outcome, kRefused);
  EXPECT_EQ(drive_response(with("Transfer-Encoding: chunked", "HTTP/1.0 200 OK")).outcome, kRefused);
  EXPECT_EQ(drive_response(with("Transfer-Encoding: chunked") + "1\r\na\r\n0\r\n\r\n").body, "a");
}

TEST(ResponseFraming, PrefersChunkedForgetsTheLengthAndEndsTheConnection) {
  const ResponseHead head = parsed(with("Content-Length: 5\r\nTransfer-Encoding: chunked"));
  EXPECT_EQ(head.framing, Framing::chunked);
  EXPECT_FALSE(head.has_content_length);
  EXPECT_EQ(head.content_length, 0U);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_TRUE(head.fields.find(HeaderId::content_length)->drop);
}

TEST(ResponseFraming, RunsUntilCloseWithoutLengthOrCoding) {
  EXPECT_EQ(parsed(with("X: y")).framing, Framing::until_close);
  EXPECT_FALSE(parsed(with("X: y")).keep_alive);
}

TEST(ResponseFraming, GivesNoBodyToHead204And304AndInterimResponses) {
  for (const std::string_view lines : {"X: y", "Content-Length: 5", "Transfer-Encoding: chunked"}) {
    EXPECT_EQ(parsed(with(lines), Method::head).framing, Framing::none) << lines;
    for (const std::string_view status : {"100", "103", "204", "304"}) {
      const ResponseHead head = parsed(with(lines, str::cat("HTTP/1.1 ", status, " x")));
      EXPECT_EQ(head.framing, Framing::none) << status << lines;
      EXPECT_TRUE(head.keep_alive);
    }
  }
  EXPECT_EQ(parsed(with("Content-Length: 5"), Method::head).content_length, 5U);
  EXPECT_TRUE(parsed(with("Content-Length: 5", "HTTP/1.1 304 x")).has_content_length);
  EXPECT_FALSE(parsed(with("Content-Length: 5", "HTTP/1.1 204 x")).has_content_length);
}

TEST(ResponseConnection, DropsHopByHopAndNominatedFields) {
  const std::string bytes = with("Connection: X-Secret, close\r\nX-Secret: 1\r\nX-Open: 2\r\nKeep-Alive: 3");
  const ResponseHead head = parsed(bytes);
  std::string kept;
  for (const HeaderField& field : head.fields) {
    if (!field.drop) kept += field.name(bytes);
  }
  EXPECT_EQ(kept, "X-Open");
  EXPECT_FALSE(head.keep_alive);
  EXPECT_EQ(drive_response(with("Connection: a b")).outcome, kRefused);
}

TEST(ResponseConnection, IsNotKeptForHttp10) {
  EXPECT_FALSE(parsed(with("Content-Length: 0\r\nConnection: keep-alive", "HTTP/1.0 200 OK")).keep_alive);
}

TEST(ResponseParser, IsAsNewAfterReset) {
  ResponseParser parser;
  parser.reset(Method::head);
  ASSERT_EQ(parser.parse(with("Content-Length: 5\r\nConnection: close")), ParseStatus::complete);
  parser.reset(Method::get);
  const std::string bytes = with("Transfer-Encoding: chunked");
  ASSERT_EQ(parser.parse(bytes), ParseStatus::complete);
  EXPECT_EQ(describe(bytes, parser.head()), describe(bytes, parsed(bytes)));
}

TEST(ResponseParser, GivesTheSameVerdictHoweverTheBytesAreCut) {
  for (const std::string& bytes :
       {with("Content-Length: 5\r\nX: \xe9") + "hello", with("Transfer-Encoding: chunked") + "1\r\na\r\n0\r\n\r\n",
        with("X : y"), with("Content-Length: 5\r\nContent-Length: 6"), with("", "HTTP/1.1 200"),
        with("", "HTTP/1.1 2000")}) {
    const Verdict whole = drive_response(bytes);
    EXPECT_EQ(drive_response(bytes, drip(bytes)), whole) << bytes;
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) EXPECT_EQ(drive_response(bytes, {{cut}}), whole) << cut;
  }
}

}  // namespace
}  // namespace tollgate::codec
