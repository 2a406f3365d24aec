// The promise that all others rest on: a verdict depends on the bytes, never on how they arrive.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "codec/http1/test_drive.h"

namespace tollgate::codec {
namespace {

const std::vector<std::string> kRequests = {
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "\r\n\r\nPOST /a%2f/../b?c=d HTTP/1.1\r\nHost: h:80\r\nContent-Length: 5\r\nX_Y: z\r\n\r\nhelloGET / ",
    "POST http://h/ HTTP/1.1\r\nhost: H\r\nTransfer-Encoding: chunked\r\nConnection: close, x\r\nX: y\r\n\r\n"
    "5;a=\"b\"\r\nhello\r\n0\r\nT: u\r\n\r\nGET",
    "OPTIONS * HTTP/1.0\r\nHost: [::1]:8080\r\nMax-Forwards: 1\r\nExpect: 100-continue\r\n\r\n",
    "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nAuthorization: Bearer x\r\n\r\n"};

const std::vector<std::string> kResponses = {
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x\r\nX: y\r\n\r\nhelloHTTP",
    "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n0\r\n\r\n",
    "HTTP/1.0 304 Not Modified\r\nDate: x\r\nServer: y\r\n\r\n"};

// What turns one message into another that parsers disagree about.
const std::vector<std::string> kGadgets = {"\r",
                                           "\n",
                                           "\r\n",
                                           "\r\n\r\n",
                                           " ",
                                           "\t",
                                           ":",
                                           ",",
                                           ";",
                                           "\"",
                                           "\x0b",
                                           "\x80",
                                           std::string(1, '\0'),
                                           "%",
                                           "%00",
                                           "0",
                                           "Content-Length: 5\r\n",
                                           "Transfer-Encoding: chunked\r\n",
                                           "chunked",
                                           "HTTP/1.1",
                                           "/..",
                                           "ffffffffffffffff"};

std::size_t place_in(std::size_t size) {
  return *rc::gen::inRange<std::size_t>(0, size + 1);
}

std::string mutated(std::string bytes) {
  const int rounds = *rc::gen::inRange(0, 4);
  for (int i = 0; i < rounds; ++i) {
    const std::size_t at = place_in(bytes.size());
    switch (*rc::gen::inRange(0, 3)) {
      case 0: bytes.insert(at, *rc::gen::elementOf(kGadgets)); break;
      case 1: bytes.erase(at, place_in(4)); break;
      default: bytes.replace(at, std::min<std::size_t>(1, bytes.size() - at), 1, *rc::gen::arbitrary<char>()); break;
    }
  }
  return bytes;
}

std::vector<std::size_t> random_cuts(std::size_t size) {
  std::vector<std::size_t> cuts;
  const int count = *rc::gen::inRange(0, 6);
  for (int i = 0; i < count; ++i) cuts.push_back(place_in(size));
  std::ranges::sort(cuts);
  return cuts;
}

RC_GTEST_PROP(Splitting, DoesNotChangeTheVerdictOnAnyRequest, ()) {
  const std::string bytes = mutated(*rc::gen::elementOf(kRequests));
  const Verdict whole = drive_request(bytes);
  RC_ASSERT(drive_request(bytes, random_cuts(bytes.size())) == whole);
  RC_ASSERT(drive_request(bytes, drip(bytes)) == whole);
}

RC_GTEST_PROP(Splitting, DoesNotChangeTheVerdictOnAnyResponse, ()) {
  const std::string bytes = mutated(*rc::gen::elementOf(kResponses));
  const auto method = *rc::gen::element(Method::get, Method::head);
  const Verdict whole = drive_response(bytes, {}, method);
  RC_ASSERT(drive_response(bytes, random_cuts(bytes.size()), method) == whole);
  RC_ASSERT(drive_response(bytes, drip(bytes), method) == whole);
}

// What follows a message cannot change what was said about it.
RC_GTEST_PROP(Splitting, MakesAVerdictThatLaterBytesCannotChange, ()) {
  const std::string bytes = mutated(*rc::gen::elementOf(kRequests));
  const Verdict verdict = drive_request(bytes);
  RC_PRE(verdict.outcome != "incomplete");
  RC_ASSERT(drive_request(bytes + *rc::gen::elementOf(kGadgets)) == verdict);
}

}  // namespace
}  // namespace tollgate::codec
