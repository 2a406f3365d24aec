#include <gtest/gtest.h>

#include "codec/http1/test_drive.h"

namespace tollgate::codec {
namespace {

std::string with_line(std::string_view line) {
  return str::cat(line, "\r\nHost: h\r\n\r\n");
}
std::string with_target(std::string_view target) {
  return with_line(str::cat("GET ", target, " HTTP/1.1"));
}

RequestHead parsed(const std::string& bytes) {
  RequestParser parser;
  EXPECT_EQ(parser.parse(bytes), ParseStatus::complete) << bytes;
  return parser.head();
}

TEST(RequestLine, YieldsMethodPathQueryAndVersion) {
  const std::string bytes = with_line("PATCH /a/b?x=1?y HTTP/1.1");
  const RequestHead head = parsed(bytes);
  EXPECT_EQ(head.method, Method::patch);
  EXPECT_EQ(head.method_text.in(bytes), "PATCH");
  EXPECT_EQ(head.path.in(bytes), "/a/b");
  EXPECT_EQ(head.query.in(bytes), "x=1?y");
  EXPECT_TRUE(head.has_query);
  EXPECT_TRUE(head.path_is_plain);
  EXPECT_EQ(head.minor, 1);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.size, bytes.size());
}

TEST(RequestLine, TellsAnEmptyQueryFromNone) {
  EXPECT_TRUE(parsed(with_target("/a?")).has_query);
  EXPECT_FALSE(parsed(with_target("/a")).has_query);
}

TEST(RequestLine, IgnoresTwoEmptyLinesAndNoMore) {
  EXPECT_EQ(drive_request("\r\n" + with_target("/")).outcome, "accepted");
  EXPECT_EQ(drive_request("\r\n\r\n" + with_target("/")).outcome, "accepted");
  EXPECT_EQ(drive_request("\r\n\r\n\r").outcome, "bad_request");
  EXPECT_EQ(drive_request("\n").outcome, "bad_request");
  EXPECT_EQ(drive_request("\rG").outcome, "bad_request");
}

TEST(RequestLine, IsIdleUntilTheFirstByteThatCounts) {
  for (const std::string_view bytes : {"", "\r", "\r\n", "\r\n\r\n"}) EXPECT_TRUE(drive_request(bytes).idle) << bytes;
  EXPECT_FALSE(drive_request("G").idle);
  EXPECT_FALSE(drive_request("\r\nG").idle);
}

TEST(RequestLine, RefusesTheFirstByteThatCannotBelong) {
  for (const std::string_view bytes : {" ",
                                       "\x16",
                                       "\x80",
                                       "(",
                                       "GET\t",
                                       "GET\r",
                                       "GET\n",
                                       "GET  ",
                                       "GET /\r",
                                       "GET /\n",
                                       "GET / h",
                                       "GET / HTTP/1.1 ",
                                       "GET / HTTP/1.1\n",
                                       "GET / HTTP/1.1\rX",
                                       "GET / HTTP/x",
                                       "GET / HTTP/ ",
                                       "GET / HTTP/01",
                                       "GET / HTTP/1\r",
                                       "GET / HTTP/1.11",
                                       "GET / HTTP/1,",
                                       "GET / HTTP/1.\r",
                                       "GET / HTTP/1.1\r\n "}) {
    EXPECT_EQ(drive_request(bytes).outcome, "bad_request") << bytes;
    const Verdict before = drive_request(bytes.substr(0, bytes.size() - 1));
    EXPECT_EQ(before.outcome, "incomplete") << bytes;
  }
}

TEST(RequestLine, TakesEveryMinorVersionOfHttp1AsOneOhOrOneOne) {
  EXPECT_EQ(parsed(with_line("GET / HTTP/1.0")).minor, 0);
  for (const char minor : std::string_view("123456789")) {
    const RequestHead head = parsed(with_line(str::cat("GET / HTTP/1.", minor)));
    EXPECT_EQ(head.minor, 1);
    EXPECT_TRUE(head.keep_alive);
  }
  EXPECT_FALSE(parsed(with_line("GET / HTTP/1.0")).keep_alive);
}

TEST(RequestLine, AnswersOtherMajorVersionsWith505) {
  for (const std::string_view version : {"HTTP/0.9", "HTTP/2.0", "HTTP/9.9"}) {
    EXPECT_EQ(drive_request(with_line(str::cat("GET / ", version))).outcome, "version_not_supported") << version;
  }
  for (const std::string_view version : {"http/1.1", "HTTP/1", "HTTP/10.1", "HTTP/01.1", "HTTP/1.01", "HTP/1.1"}) {
    EXPECT_EQ(drive_request(with_line(str::cat("GET / ", version))).outcome, "bad_request") << version;
  }
}

TEST(RequestLine, TakesAnyTokenAsMethod) {
  EXPECT_EQ(parsed(with_line("get / HTTP/1.1")).method, Method::other);
  EXPECT_EQ(parsed(with_line("M-SEARCH / HTTP/1.1")).method, Method::other);
  EXPECT_EQ(parsed(with_line("DELETE / HTTP/1.1")).method, Method::del);
}

TEST(RequestLine, AnswersLongMethodsWith501AndEndlessOnesWith400) {
  EXPECT_EQ(drive_request(with_line(std::string(32, 'M') + " / HTTP/1.1")).outcome, "accepted");
  EXPECT_EQ(drive_request(std::string(33, 'M') + " ").outcome, "not_implemented");
  EXPECT_EQ(drive_request(std::string(256, 'M') + " ").outcome, "not_implemented");
  EXPECT_EQ(drive_request(std::string(256, 'M')).outcome, "incomplete");
  EXPECT_EQ(drive_request(std::string(257, 'M')).outcome, "bad_request");
}

TEST(RequestTarget, RefusesBytesThatNoUriHolds) {
  for (const std::string_view target :
       {"/a\\b", "/a#b", "/?a#b", "/\x7f", "/\x01", "/caf\xc3\xa9", "/\t", "http://h/a\\b"}) {
    EXPECT_EQ(drive_request(with_target(target)).outcome, "bad_target") << target;
  }
  EXPECT_EQ(drive_request(with_target(std::string_view("/\0", 2))).outcome, "bad_target");
}

TEST(RequestTarget, PassesCharactersThatAreOnlyUnwise) {
  for (const std::string_view target : {"/a\"b", "/<a>", "/a|b", "/a^b`c{d}", "/a?q=[1]{2}|\"", "/a;b=c", "/a?100%"}) {
    EXPECT_EQ(drive_request(with_target(target)).outcome, "accepted") << target;
  }
}

TEST(RequestTarget, RefusesMalformedAndDangerousEscapesInThePathOnly) {
  for (const std::string_view escape :
       {"%", "%4", "%zz", "%4g", "%00", "%0a", "%0D", "%c0%af", "%C1%81", "%e0%80%af", "%f0%80%80%af"}) {
    EXPECT_EQ(drive_request(with_target(str::cat("/a", escape))).outcome, "bad_target") << escape;
    EXPECT_EQ(drive_request(with_target(str::cat("http://h/a", escape))).outcome, "bad_target") << escape;
    EXPECT_EQ(drive_request(with_target(str::cat("/a?", escape))).outcome, "accepted") << escape;
  }
  for (const std::string_view escape : {"%20", "%2F", "%5c", "%c3%a9", "%e9", "%e0%a4%b9", "%f0%9f%98%80", "%2e"}) {
    EXPECT_EQ(drive_request(with_target(str::cat("/a", escape))).outcome, "accepted") << escape;
  }
}

TEST(RequestTarget, CallsAPathPlainOnlyWhenNormalisingCannotChangeIt) {
  for (const std::string_view path : {"/", "/a/b", "/a.b/c", "/a;x/b", "/a..b"}) {
    EXPECT_TRUE(parsed(with_target(path)).path_is_plain) << path;
  }
  for (const std::string_view path : {"//", "/a//b", "/.", "/a/../b", "/a/./b", "/%41", "/a/..;/b", "/.hidden"}) {
    EXPECT_FALSE(parsed(with_target(path)).path_is_plain) << path;
  }
}

TEST(RequestTarget, TakesAbsoluteFormWhoseAuthorityEqualsHost) {
  const auto request = [](std::string_view target, std::string_view host) {
    return str::cat("GET ", target, " HTTP/1.1\r\nHost: ", host, "\r\n\r\n");
  };
  const std::string bytes = request("HTTP://Example.com:80/p?q", "example.COM");
  const RequestHead head = parsed(bytes);
  EXPECT_TRUE(head.absolute_form);
  EXPECT_FALSE(head.https_scheme);
  EXPECT_EQ(head.authority.in(bytes), "Example.com:80");
  EXPECT_EQ(head.path.in(bytes), "/p");
  EXPECT_EQ(head.query.in(bytes), "q");
  EXPECT_EQ(drive_request(request("https://h/", "h:443")).outcome, "accepted");
  EXPECT_EQ(drive_request(request("https://h/", "h:80")).outcome, "bad_host");
  EXPECT_EQ(drive_request(request("http://other/", "h")).outcome, "bad_host");
  EXPECT_EQ(drive_request(request("http://h:81/", "h")).outcome, "bad_host");
  EXPECT_EQ(parsed(request("http://h?q", "h")).path.length, 0U);
  EXPECT_FALSE(parsed(request("http://h", "h")).path_is_plain);
  for (const std::string_view target : {"ftp://h/", "http:/h/", "http://", "http:///p", "http://u@h/", "h/p", "p", "?q",
                                        "**", "*/a", "http://h,h/", "http://h:x/", "HTTP/1.1"}) {
    EXPECT_EQ(drive_request(request(target, "h")).outcome, "bad_target") << target;
  }
}

TEST(RequestTarget, TakesTheAsteriskForOptionsOnly) {
  EXPECT_TRUE(parsed(with_line("OPTIONS * HTTP/1.1")).asterisk_form);
  EXPECT_EQ(drive_request(with_line("GET * HTTP/1.1")).outcome, "bad_target");
  EXPECT_EQ(drive_request("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").outcome, "bad_target");
}

TEST(RequestTarget, TakesHostAndPortForConnectOnly) {
  const std::string bytes = with_line("CONNECT h.example:443 HTTP/1.1");
  EXPECT_TRUE(parsed(bytes).authority_form);
  EXPECT_EQ(parsed(bytes).authority.in(bytes), "h.example:443");
  for (const std::string_view target : {"/", "h", "h:", "h:0", "h:65536", "u@h:1", "http://h:1/", "*", ":443"}) {
    EXPECT_EQ(drive_request(with_line(str::cat("CONNECT ", target, " HTTP/1.1"))).outcome, "bad_target") << target;
  }
  EXPECT_EQ(drive_request(with_target("h:443")).outcome, "bad_target");
}

}  // namespace
}  // namespace tollgate::codec
