#include <gtest/gtest.h>

#include "codec/http1/test_drive.h"

namespace tollgate::codec {
namespace {

constexpr std::string_view kStart = "GET / HTTP/1.1\r\nHost: h\r\n";

TEST(RequestLimits, AnswerALongTargetWith414AtItsFirstByteTooMany) {
  const RequestLimits limits{.target_bytes = 10};
  const auto outcome = [&limits](std::string_view bytes) { return drive_request(bytes, {}, limits).outcome; };
  EXPECT_EQ(outcome("GET /123456789 HTTP/1.1\r\nHost: h\r\n\r\n"), "accepted");
  EXPECT_EQ(outcome("GET /123456789"), "incomplete");
  EXPECT_EQ(outcome("GET /123456789a"), "uri_too_long");
  EXPECT_EQ(outcome("GET /12345\x01"), "bad_target");
}

TEST(RequestLimits, AnswerALargeFieldWith431AtItsFirstByteTooMany) {
  const RequestLimits limits{.field_bytes = 20};
  const auto outcome = [&limits](std::string_view lines) {
    return drive_request(str::cat(kStart, lines), {}, limits).outcome;
  };
  EXPECT_EQ(outcome("X: " + std::string(17, 'v') + "\r\n\r\n"), "accepted");
  EXPECT_EQ(outcome("X: " + std::string(17, 'v')), "incomplete");
  EXPECT_EQ(outcome("X: " + std::string(18, 'v')), "headers_too_large");
  EXPECT_EQ(outcome(std::string(20, 'n')), "incomplete");
  EXPECT_EQ(outcome(std::string(20, 'n') + ":"), "headers_too_large");
  EXPECT_EQ(outcome("X: " + std::string(10, 'v') + "\x01" + std::string(20, 'v')), "bad_request");
}

TEST(RequestLimits, AnswerOneFieldTooManyWith431AtItsFirstByte) {
  const RequestLimits limits{.fields = 3};
  const auto outcome = [&limits](std::string_view lines) {
    return drive_request(str::cat(kStart, lines), {}, limits).outcome;
  };
  EXPECT_EQ(outcome("A: 1\r\nB: 2\r\n\r\n"), "accepted");
  EXPECT_EQ(outcome("A: 1\r\nB: 2\r\n"), "incomplete");
  EXPECT_EQ(outcome("A: 1\r\nB: 2\r\nC"), "headers_too_large");
  EXPECT_EQ(outcome("A: 1\r\nB: 2\r\n "), "bad_request");
}

TEST(RequestLimits, AllowAHundredFieldsByDefault) {
  std::string bytes(kStart);
  for (int i = 1; i < 100; ++i) str::append(bytes, "X-", i, ": v\r\n");
  EXPECT_EQ(drive_request(bytes + "\r\n").outcome, "accepted");
  EXPECT_EQ(drive_request(bytes + "X: v\r\n\r\n").outcome, "headers_too_large");
}

TEST(RequestLimits, AnswerALargeHeadWith431) {
  const std::string bytes = str::cat(kStart, "X: v\r\n\r\n");
  const auto outcome = [&bytes](std::size_t limit) {
    return drive_request(bytes, {}, {.head_bytes = static_cast<std::uint32_t>(limit)}).outcome;
  };
  EXPECT_EQ(outcome(bytes.size()), "accepted");
  EXPECT_EQ(outcome(bytes.size() - 1), "headers_too_large");
  EXPECT_EQ(outcome(5), "headers_too_large");
}

TEST(RequestLimits, AreJudgedInTheOrderOfTheBytes) {
  const RequestLimits limits{.fields = 2, .field_bytes = 30, .target_bytes = 10};
  for (const std::string_view bytes :
       {"GET /0123456789 HTTP/1.1\r\nHost: \x01", "GET / HTTP/1.1\r\nHost: \x01\r\nA: 1\r\nB: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: \x01", "GET / HTTP/9.9\r\n \r\n"}) {
    const Verdict whole = drive_request(bytes, {}, limits);
    EXPECT_EQ(whole, drive_request(bytes, drip(bytes), limits)) << bytes;
  }
}

}  // namespace
}  // namespace tollgate::codec
