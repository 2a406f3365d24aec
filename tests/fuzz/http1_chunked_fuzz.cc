// Any bytes as a chunked body.
#include "http1_pieces.h"

namespace tollgate::codec {
namespace {

Verdict decode(std::string_view bytes, std::vector<std::size_t> ends) {
  ends.push_back(bytes.size());
  BodyDecoder decoder(Framing::chunked, 0);
  Verdict verdict;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    verdict.message_bytes += drive_body(decoder, bytes.substr(begin, end - begin), verdict);
    if (verdict.outcome != "incomplete") break;
    begin = end;
  }
  return verdict;
}

// What is sent on is framed anew: it must read back as the same body.
void check_round_trip(const Verdict& verdict) {
  std::string framed;
  if (!verdict.body.empty()) {
    char line[20];
    framed.assign(line, write_chunk_header(line, verdict.body.size()));
    framed.append(verdict.body).append(kChunkEnd);
  }
  framed.append(kLastChunk);
  const Verdict again = decode(framed, {});
  TG_ASSERT(again.outcome == "accepted" && again.body == verdict.body && again.message_bytes == framed.size());
}

void check_input(std::string_view bytes) {
  const Verdict whole = decode(bytes, {});
  TG_ASSERT(whole.body.size() <= bytes.size());
  TG_ASSERT(decode(bytes, random_cuts(bytes)) == whole);
  if (bytes.size() <= kDripMax) TG_ASSERT(decode(bytes, drip(bytes)) == whole);
  check_round_trip(whole);
}

}  // namespace
}  // namespace tollgate::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tollgate::codec::check_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
