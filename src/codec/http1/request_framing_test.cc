#include <gtest/gtest.h>

#include "codec/http1/framing_fields.h"
#include "codec/http1/test_drive.h"

namespace tollgate::codec {
namespace {

std::string with(std::string_view lines, std::string_view version = "HTTP/1.1") {
  return str::cat("POST / ", version, "\r\nHost: h\r\n", lines, "\r\n\r\n");
}
std::string outcome_of(std::string_view lines) {
  return drive_request(with(lines)).outcome;
}

RequestHead parsed(const std::string& bytes) {
  RequestParser parser;
  EXPECT_EQ(parser.parse(bytes), ParseStatus::complete) << bytes;
  return parser.head();
}

TEST(ContentLength, IsAPlainNumber) {
  EXPECT_EQ(parsed(with("Content-Length: 5")).content_length, 5U);
  EXPECT_EQ(parsed(with("Content-Length: 5")).framing, Framing::content_length);
  EXPECT_EQ(parsed(with("content-length:\t 5 \t")).content_length, 5U);
  EXPECT_EQ(parsed(with("Content-Length: 9007199254740991")).content_length, kContentLengthMax);
  for (const std::string_view value : {"",
                                       "+5",
                                       "-5",
                                       "-0",
                                       "0x5",
                                       "0o5",
                                       "1_0",
                                       "5 5",
                                       "5, 5",
                                       "5,10",
                                       ",5",
                                       "005",
                                       "00",
                                       "abc",
                                       "5;",
                                       "\"5\"",
                                       "5.0",
                                       "5e1",
                                       "9007199254740992",
                                       "18446744073709551616",
                                       "99999999999999999999",
                                       "\xc2\xb9"}) {
    EXPECT_EQ(outcome_of(str::cat("Content-Length: ", value)), "ambiguous_framing") << value;
  }
}

TEST(ContentLength, MayNotRepeatEvenWithTheSameValue) {
  EXPECT_EQ(outcome_of("Content-Length: 5\r\nContent-Length: 10"), "ambiguous_framing");
  EXPECT_EQ(outcome_of("Content-Length: 5\r\ncontent-length: 5"), "ambiguous_framing");
}

TEST(ContentLength, OfZeroMeansNoBodyButIsRemembered) {
  EXPECT_EQ(parsed(with("Content-Length: 0")).framing, Framing::none);
  EXPECT_TRUE(parsed(with("Content-Length: 0")).has_content_length);
  EXPECT_FALSE(parsed(with("X: 0")).has_content_length);
}

TEST(TransferEncoding, IsExactlyChunked) {
  for (const std::string_view value : {"chunked", "Chunked", " \tchunked\t "}) {
    EXPECT_EQ(parsed(with(str::cat("Transfer-Encoding:", value))).framing, Framing::chunked) << value;
  }
  for (const std::string_view value : {"", ",chunked", "chunked,", "chunked, chunked", "chunked, gzip", "chunked;a=b",
                                       "\"chunked\"", "'chunked' x", "chunked chunked", "gzip;", "gzip;q",
                                       "gzip;q=\"1\"", "chunked\xa0", "gzip,,chunked", "ch unked", "{chunked}"}) {
    EXPECT_EQ(outcome_of(str::cat("Transfer-Encoding: ", value)), "ambiguous_framing") << value;
  }
}

TEST(TransferEncoding, OfAnotherKindIsNotImplemented) {
  for (const std::string_view value : {"gzip", "gzip, chunked", "identity", "xchunked", "gzip;q=1 , br", "'chunked'"}) {
    EXPECT_EQ(outcome_of(str::cat("Transfer-Encoding: ", value)), "not_implemented") << value;
    EXPECT_EQ(outcome_of(str::cat("Content-Length: 1\r\nTransfer-Encoding: ", value)), "ambiguous_framing") << value;
  }
}

TEST(TransferEncoding, IsAmbiguousBesideContentLengthInHttp10OrTwice) {
  EXPECT_EQ(outcome_of("Content-Length: 6\r\nTransfer-Encoding: chunked"), "ambiguous_framing");
  EXPECT_EQ(outcome_of("Transfer-Encoding: chunked\r\nContent-Length: 0"), "ambiguous_framing");
  EXPECT_EQ(outcome_of("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), "ambiguous_framing");
  EXPECT_EQ(outcome_of("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"), "ambiguous_framing");
  EXPECT_EQ(drive_request(with("Transfer-Encoding: chunked", "HTTP/1.0")).outcome, "ambiguous_framing");
  EXPECT_EQ(drive_request(with("Transfer-Encoding: gzip", "HTTP/1.0")).outcome, "ambiguous_framing");
}

TEST(RequestFraming, DoesNotDependOnTheMethod) {
  for (const std::string_view method : {"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"}) {
    const std::string bytes = str::cat(method, " / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET");
    const Verdict verdict = drive_request(bytes);
    EXPECT_EQ(verdict.body, "hello") << method;
    EXPECT_EQ(verdict.message_bytes, bytes.size() - 3);
  }
}

}  // namespace
}  // namespace tollgate::codec
