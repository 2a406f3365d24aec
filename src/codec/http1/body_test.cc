#include "codec/http1/body.h"

#include <gtest/gtest.h>

#include "codec/http1/test_drive.h"

namespace tollgate::codec {
namespace {

Verdict chunked(std::string_view bytes, std::span<const std::size_t> cuts = {}) {
  Verdict verdict;
  BodyDecoder decoder(Framing::chunked, 0);
  std::vector<std::size_t> ends(cuts.begin(), cuts.end());
  ends.push_back(bytes.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    verdict.message_bytes += drive_body(decoder, bytes.substr(begin, end - begin), verdict);
    if (verdict.outcome != "incomplete") break;
    begin = end;
  }
  return verdict;
}

TEST(Chunked, DeliversTheDataAndStopsBehindTheLastLine) {
  const Verdict verdict = chunked("5\r\nhello\r\nA\r\n, worldxyz\r\n0\r\n\r\nGET /");
  EXPECT_EQ(verdict.outcome, "accepted");
  EXPECT_EQ(verdict.body, "hello, worldxyz");
  EXPECT_EQ(verdict.message_bytes, std::string_view("5\r\nhello\r\nA\r\n, worldxyz\r\n0\r\n\r\n").size());
}

TEST(Chunked, TakesSizesOfFifteenSignificantDigits) {
  EXPECT_EQ(chunked("0000000000000005\r\nhello\r\n000\r\n\r\n").body, "hello");
  EXPECT_EQ(chunked("fffffffffffffff\r\n").outcome, "incomplete");
  EXPECT_EQ(chunked("0FFFFFFFFFFFFFFF\r\n").outcome, "incomplete");
  for (const std::string_view size :
       {"ffffffffffffffff", "1000000000000000", "00000000000000000", "ffffffffffffffff1"}) {
    EXPECT_EQ(chunked(size).outcome, "bad_body") << size;
  }
}

TEST(Chunked, RefusesTheFirstByteThatCannotBelong) {
  for (const std::string_view bytes : {" ",
                                       "\t",
                                       "\r",
                                       "\n",
                                       ";",
                                       "x",
                                       "-",
                                       "+",
                                       "0x",
                                       "5_",
                                       "5\n",
                                       "5\rh",
                                       "5 \r",
                                       "5\t\r",
                                       "5 x",
                                       "5\r\nhello0",
                                       "5\r\nhello\n",
                                       "5\r\nhello\rX",
                                       "5\r\nhello!",
                                       "5\r\nhello\r\n\r",
                                       "0\r\n\n",
                                       "0\r\n\rX",
                                       "0\r\n ",
                                       "0\r\n:",
                                       "0\r\nX ",
                                       "0\r\nX\r",
                                       "0\r\nX: \x01",
                                       "0\r\nX: a\n",
                                       "0\r\nX: a\rb"}) {
    const Verdict verdict = chunked(bytes);
    EXPECT_EQ(verdict.outcome, "bad_body") << bytes;
    EXPECT_EQ(verdict.message_bytes, bytes.size() - 1) << bytes;
  }
}

TEST(ChunkExtensions, FollowTheirGrammar) {
  for (const std::string_view extension : {";a", ";a=b", ";a=\"b\"", ";a=\"\"", ";a=\"\\\"\\\\;\"", " ; a = b ; c",
                                           "\t;a", ";a=\"\xc3\xa9\t\" ;b", ";a;b;c=d"}) {
    EXPECT_EQ(chunked(str::cat("5", extension, "\r\nhello\r\n0", extension, "\r\n\r\n")).body, "hello") << extension;
  }
  for (const std::string_view extension :
       {";",     "; ",    ";;",          ";a;",         ";a=",         ";=b", ";a=b c",
        ";a b",  ";a ",   ";a=\"b",      ";a=\"b\"c",   ";a=\"\\",     " ",   ";a\n",
        ";a\rX", ";\x01", ";a=\"\x01\"", ";a=\"\r\n\"", ";a=\"\\\r\"", ";a[", ";a=,"}) {
    EXPECT_NE(chunked(str::cat("5", extension, "\r\nhello\r\n0\r\n\r\n")).outcome, "accepted") << extension;
  }
  EXPECT_EQ(chunked(std::string_view("5;\0ext\r\n", 8)).outcome, "bad_body");
}

TEST(ChunkExtensions, AreBoundedInTheWholeMessage) {
  const std::string data(20'000, 'd');
  const auto message = [&data](std::size_t extension) {
    return str::cat("4e20;", std::string(extension - 1, 'x'), "\r\n", data, "\r\n0\r\n\r\n");
  };
  EXPECT_EQ(chunked(message(16 * 1024)).outcome, "accepted");
  EXPECT_EQ(chunked(message(16 * 1024 + 1)).outcome, "bad_body");
}

TEST(ChunkExtensions, MayNotOutweighTheBody) {
  std::string bytes;
  for (int i = 0; i < 200; ++i) bytes += "1;abcdefgh\r\nx\r\n";
  EXPECT_EQ(chunked(bytes).outcome, "bad_body");
  EXPECT_LT(chunked(bytes).body.size(), 130U);
  EXPECT_EQ(chunked("5;" + std::string(1028, 'x') + "\r\nhello\r\n").outcome, "incomplete");
  EXPECT_EQ(chunked("5;" + std::string(1029, 'x') + "\r\nhello\r\n").outcome, "bad_body");
}

TEST(Trailers, AreCheckedCountedAndSwallowed) {
  EXPECT_EQ(chunked("0\r\nX-Checksum: abc\r\nContent-Length: 50\r\n\r\n").outcome, "accepted");
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += "X: v\r\n";
  EXPECT_EQ(chunked("0\r\n" + fields + "\r\n").outcome, "accepted");
  EXPECT_EQ(chunked("0\r\n" + fields + "X").outcome, "bad_body");
  EXPECT_EQ(chunked("0\r\nX: " + std::string(64 * 1024 - 7, 'v') + "\r\n\r\n").outcome, "accepted");
  EXPECT_EQ(chunked("0\r\nX: " + std::string(64 * 1024 - 6, 'v') + "\r\n\r\n").outcome, "bad_body");
}

TEST(Chunked, GivesTheSameVerdictHoweverTheBytesAreCut) {
  for (const std::string_view bytes : {"5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\nrest", "5\r\nhello!!\r\n0\r\n\r\n",
                                       "1\r\na\r\n2 ;x\r\nbc\r\n0\r\n\r\n"}) {
    const Verdict whole = chunked(bytes);
    EXPECT_EQ(chunked(bytes, drip(bytes)), whole);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) EXPECT_EQ(chunked(bytes, {{cut}}), whole) << cut;
  }
}

TEST(Chunked, AnswersErrorAgainAfterAnError) {
  BodyDecoder decoder(Framing::chunked, 0);
  EXPECT_EQ(decoder.step("x").event, BodyDecoder::Event::error);
  EXPECT_EQ(decoder.step("5\r\n").event, BodyDecoder::Event::error);
  EXPECT_FALSE(decoder.error_detail().empty());
}

TEST(FixedBody, EndsAtItsLength) {
  BodyDecoder decoder(Framing::content_length, 5);
  EXPECT_EQ(decoder.step("").event, BodyDecoder::Event::need_more);
  EXPECT_EQ(decoder.step("hel").data, "hel");
  EXPECT_FALSE(decoder.done());
  const auto step = decoder.step("loGET");
  EXPECT_EQ(step.data, "lo");
  EXPECT_EQ(step.consumed, 2U);
  EXPECT_TRUE(decoder.done());
  EXPECT_EQ(decoder.step("GET").event, BodyDecoder::Event::done);
  EXPECT_EQ(decoder.delivered(), 5U);
}

TEST(NoBody, IsDoneAtOnce) {
  EXPECT_TRUE(BodyDecoder(Framing::none, 0).done());
  EXPECT_TRUE(BodyDecoder(Framing::content_length, 0).done());
}

TEST(EndOfStream, CompletesOnlyABodyThatRunsUntilIt) {
  BodyDecoder open(Framing::until_close, 0);
  EXPECT_EQ(open.step("abc").data, "abc");
  EXPECT_TRUE(open.on_end_of_stream());
  EXPECT_TRUE(open.done());
  BodyDecoder fixed(Framing::content_length, 5);
  EXPECT_EQ(fixed.step("hell").data, "hell");
  EXPECT_FALSE(fixed.on_end_of_stream());
  EXPECT_EQ(fixed.step("o").event, BodyDecoder::Event::error);
  BodyDecoder cut(Framing::chunked, 0);
  EXPECT_EQ(cut.step("0\r\n").event, BodyDecoder::Event::need_more);
  EXPECT_FALSE(cut.on_end_of_stream());
}

TEST(ChunkHeader, IsReadBackAsTheSameSize) {
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{0x1f4}, std::uint64_t{1} << 40}) {
    char line[20];
    const std::string_view text(line, write_chunk_header(line, size));
    BodyDecoder decoder(Framing::chunked, 0);
    EXPECT_EQ(decoder.step(text).event, BodyDecoder::Event::need_more);
    EXPECT_EQ(str::cat("0x", text.substr(0, text.size() - 2)), str::cat("0x", text.substr(0, text.find('\r'))));
  }
  char line[20];
  EXPECT_EQ(std::string_view(line, write_chunk_header(line, 500)), "1f4\r\n");
  EXPECT_EQ(write_chunk_header(line, ~std::uint64_t{0}), 18U);
}

}  // namespace
}  // namespace tollgate::codec
