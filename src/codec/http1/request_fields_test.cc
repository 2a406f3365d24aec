#include <gtest/gtest.h>

#include "codec/http1/test_drive.h"

namespace tollgate::codec {
namespace {

// A request with Host and `lines` behind it.
std::string with(std::string_view lines) {
  return str::cat("POST /p HTTP/1.1\r\nHost: h\r\n", lines, "\r\n\r\n");
}
std::string outcome_of(std::string_view lines) {
  return drive_request(with(lines)).outcome;
}

RequestHead parsed(const std::string& bytes) {
  RequestParser parser;
  EXPECT_EQ(parser.parse(bytes), ParseStatus::complete) << bytes;
  return parser.head();
}

std::string dropped(const std::string& bytes) {
  const RequestHead head = parsed(bytes);
  std::string names;
  for (const HeaderField& field : head.fields) {
    if (field.drop) str::append(names, field.name(bytes), " ");
  }
  return names;
}

TEST(HeaderFields, KeepsEachLineByteForByte) {
  const std::string bytes = with("X-A: \t v  w\t \r\nx-b:\r\nX-C:\xc3\xa9");
  const RequestHead head = parsed(bytes);
  ASSERT_EQ(head.fields.count, 4);
  const HeaderField& a = head.fields.items[1];
  EXPECT_EQ(a.line(bytes), "X-A: \t v  w\t \r\n");
  EXPECT_EQ(a.name(bytes), "X-A");
  EXPECT_EQ(a.value(bytes), "v  w");
  EXPECT_EQ(head.fields.items[2].value(bytes), "");
  EXPECT_EQ(head.fields.items[3].value(bytes), "\xc3\xa9");
}

TEST(HeaderFields, RefusesTheFirstByteThatCannotBelong) {
  for (const std::string_view line :
       {" ",      "\t",      ":",         "X ",      "X\t",     "X[",      "X\r",     "X\n",      "X\xc3", "X\x01",
        "X: a\n", "X: a\rb", "X: a\r\n ", "X: \x01", "X: \x0b", "X: \x0c", "X: \x7f", "X: a\x1f", "\n",    "\rX"}) {
    const std::string bytes = str::cat("GET / HTTP/1.1\r\nHost: h\r\n", line);
    EXPECT_EQ(drive_request(bytes).outcome, "bad_request") << line;
    EXPECT_EQ(drive_request(std::string_view(bytes).substr(0, bytes.size() - 1)).outcome, "incomplete") << line;
  }
  EXPECT_EQ(outcome_of(std::string_view("X: a\0b", 6)), "bad_request");
}

TEST(HeaderFields, FindsAControlCharacterAtEveryPlaceOfALongValue) {
  for (std::size_t length = 0; length < 40; ++length) {
    for (std::size_t place = 0; place <= length; ++place) {
      for (const char bad : {'\x01', '\x1f', '\x7f', '\0', '\n'}) {
        std::string value(length + 1, '\xe9');
        value[place] = bad;
        EXPECT_EQ(outcome_of("X: " + value), "bad_request");
      }
      std::string value(length + 1, '~');
      value[place] = '\t';
      EXPECT_EQ(outcome_of("X: " + value), "accepted");
    }
  }
}

TEST(HostField, IsRequiredOnceAndValid) {
  EXPECT_EQ(drive_request("GET / HTTP/1.1\r\n\r\n").outcome, "bad_host");
  EXPECT_EQ(drive_request("GET / HTTP/1.0\r\n\r\n").outcome, "bad_host");
  EXPECT_EQ(outcome_of("Host: h"), "bad_host");
  EXPECT_EQ(outcome_of("host: other"), "bad_host");
  for (const std::string_view host : {"", "u@h", "h/p", "h, h", "h h", "h:x", "h:99999", "[::1", "[x]", "h\\", "h?",
                                      "h#", "caf\xc3\xa9", "h:80:80", ":80", "%41", "%zz"}) {
    const std::string bytes = str::cat("GET / HTTP/1.1\r\nHost: ", host, "\r\n\r\n");
    EXPECT_EQ(drive_request(bytes).outcome, "bad_host") << host;
  }
}

TEST(HostField, GivesTheAuthority) {
  for (const std::string_view host : {"h", "h.example", "h:8080", "127.0.0.1", "[::1]:80", "a_b.c-d", "h:"}) {
    const std::string bytes = str::cat("GET / HTTP/1.1\r\nHost: ", host, " \r\n\r\n");
    EXPECT_EQ(parsed(bytes).authority.in(bytes), host);
  }
}

TEST(ConnectionField, RemovesWhatItNominatesAndTheHopByHopFields) {
  EXPECT_EQ(dropped(with("Connection: X-a , ,close\r\nx-A: 1\r\nX-B: 2\r\nTraceparent: 3")), "Connection x-A ");
  EXPECT_EQ(dropped(with("Connection: traceparent\r\nTraceparent: 3")), "Connection Traceparent ");
  EXPECT_EQ(dropped(with("Keep-Alive: 1\r\nProxy-Connection: x\r\nTE: trailers\r\nTrailer: x\r\nUpgrade: x\r\n"
                         "Proxy-Authorization: x\r\nExpect: 100-continue\r\nContent-Length: 0")),
            "Keep-Alive Proxy-Connection TE Trailer Upgrade Proxy-Authorization Expect Content-Length ");
}

TEST(ConnectionField, DecidesWhetherTheConnectionStays) {
  EXPECT_TRUE(parsed(with("Connection: keep-alive")).keep_alive);
  EXPECT_FALSE(parsed(with("Connection: foo, Close")).keep_alive);
  EXPECT_FALSE(parsed("GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n").keep_alive);
  EXPECT_TRUE(parsed(with("Connection: Upgrade\r\nUpgrade: websocket")).connection_upgrade);
  EXPECT_FALSE(parsed(with("Upgrade: websocket")).connection_upgrade);
}

TEST(ConnectionField, MayNotNameFieldsThatOthersRelyOn) {
  for (const std::string_view name :
       {"Host", "Content-Length", "Transfer-Encoding", "Authorization", "X-Api-Key", "x-forwarded-for",
        "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"}) {
    EXPECT_EQ(outcome_of(str::cat("Connection: close, ", name)), "bad_request") << name;
  }
  EXPECT_EQ(outcome_of("Connection: a b"), "bad_request");
  EXPECT_EQ(outcome_of("Connection: \"close\""), "bad_request");
  EXPECT_EQ(outcome_of("Connection: caf\xc3\xa9"), "bad_request");
}

TEST(ConnectionField, HasABoundedNumberOfOptions) {
  std::string options = "a";
  for (int i = 1; i < 32; ++i) options += ",a";
  EXPECT_EQ(outcome_of("Connection: " + options), "accepted");
  EXPECT_EQ(outcome_of("Connection: " + options + ",a"), "bad_request");
}

TEST(UnderscoreNames, AreDroppedAndCountedOrRefusedWhenTheyLookLikeFraming) {
  const std::string bytes = with("X_Api_Key: k\r\n_: 1\r\nX-B: 2");
  EXPECT_EQ(dropped(bytes), "X_Api_Key _ ");
  EXPECT_EQ(parsed(bytes).underscored_dropped, 2);
  EXPECT_EQ(outcome_of("Content_Length: 1"), "ambiguous_framing");
  EXPECT_EQ(outcome_of("transfer_ENCODING: chunked"), "ambiguous_framing");
}

TEST(Credentials, MayNotRepeat) {
  EXPECT_EQ(outcome_of("X-Api-Key: a\r\nx-api-key: a"), "ambiguous_credential");
  EXPECT_EQ(outcome_of("Authorization: a\r\nAUTHORIZATION: b"), "ambiguous_credential");
  EXPECT_EQ(outcome_of("Authorization: a\r\nX-Api-Key: b"), "accepted");
  EXPECT_EQ(outcome_of("Authorization: caf\xc3\xa9"), "bad_request");
  EXPECT_EQ(outcome_of("X-Api-Key: \xff"), "bad_request");
}

TEST(ExpectField, IsContinueOrRefused) {
  EXPECT_TRUE(parsed(with("Expect: 100-Continue\r\nContent-Length: 5")).expect_continue);
  EXPECT_FALSE(parsed(with("Expect: 100-continue")).expect_continue);
  EXPECT_EQ(outcome_of("Expect: 200-ok"), "expectation_failed");
  EXPECT_EQ(outcome_of("Expect: 100-continue, x"), "expectation_failed");
  const std::string old = "POST / HTTP/1.0\r\nHost: h\r\nExpect: x\r\nContent-Length: 1\r\n\r\n";
  EXPECT_FALSE(parsed(old).expect_continue);
}

TEST(MaxForwards, IsANumberWhereItMeansSomething) {
  const auto outcome = [](std::string_view method, std::string_view value) {
    return drive_request(str::cat(method, " / HTTP/1.1\r\nHost: h\r\nMax-Forwards: ", value, "\r\n\r\n")).outcome;
  };
  for (const std::string_view method : {"OPTIONS", "TRACE"}) {
    EXPECT_EQ(outcome(method, "0"), "accepted");
    EXPECT_EQ(outcome(method, "999999999999"), "accepted");
    for (const std::string_view bad : {"", "-1", "x", "1 2", "1\r\nMax-Forwards: 1"}) {
      EXPECT_EQ(outcome(method, bad), "bad_request") << bad;
    }
  }
  EXPECT_EQ(outcome("GET", "x"), "accepted");
}

TEST(RequestRules, HaveAFixedOrder) {
  EXPECT_EQ(outcome_of("Expect: x\r\nX-Api-Key: a\r\nX-Api-Key: b"), "ambiguous_credential");
  EXPECT_EQ(outcome_of("X-Api-Key: a\r\nX-Api-Key: b\r\nContent-Length: x"), "ambiguous_framing");
  EXPECT_EQ(outcome_of("Content-Length: x\r\nHost: h"), "bad_host");
  EXPECT_EQ(outcome_of("Transfer-Encoding: gzip\r\nExpect: x"), "not_implemented");
}

TEST(RequestParser, IsAsNewAfterReset) {
  RequestParser parser;
  ASSERT_EQ(parser.parse("GET http://h/?q HTTP/1.0\r\nHost: h\r\nX_A: 1\r\nContent-Length: 1\r\n\r\n"),
            ParseStatus::complete);
  parser.reset();
  const std::string bytes = with("X-B: 1");
  ASSERT_EQ(parser.parse(bytes), ParseStatus::complete);
  EXPECT_EQ(describe_request(bytes, parser.head()), describe_request(bytes, parsed(bytes)));
}

}  // namespace
}  // namespace tollgate::codec
