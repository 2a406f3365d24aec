// Any bytes as a request: the verdict must not depend on how they are cut, and what is accepted must be whole.
#include "codec/http1/target.h"
#include "http1_pieces.h"

namespace tollgate::codec {
namespace {

// Heads that are accepted say the same when they stand alone, and leave nothing for the forwarder to guess.
void check_accepted(std::string_view bytes) {
  RequestParser parser;
  if (parser.parse(bytes) != ParseStatus::complete) return;
  const RequestHead& head = parser.head();
  const std::string_view alone = bytes.substr(0, head.size);
  RequestParser again;
  TG_ASSERT(again.parse(alone) == ParseStatus::complete);
  TG_ASSERT(describe_request(alone, again.head()) == describe_request(bytes, head));
  for (const HeaderField& field : head.fields) {
    if (field.id == HeaderId::content_length || field.id == HeaderId::transfer_encoding) TG_ASSERT(field.drop);
    TG_ASSERT(field.line(bytes).find('\0') == std::string_view::npos);
    TG_ASSERT(field.line(bytes).find('\n') == field.line_length - 1U);
    TG_ASSERT(field.line(bytes).find('\r') == field.line_length - 2U);
  }
  TG_ASSERT(head.authority.length > 0);
  TG_ASSERT((head.framing == Framing::content_length) == (head.content_length > 0));
  if (head.path_is_plain) {
    std::string normal;
    TG_ASSERT(normalize_path(head.path.in(bytes), normal) && normal == head.path.in(bytes));
  }
}

void check_input(std::string_view bytes) {
  const Verdict whole = drive_request(bytes);
  TG_ASSERT(drive_request(bytes, random_cuts(bytes)) == whole);
  if (bytes.size() <= kDripMax) TG_ASSERT(drive_request(bytes, drip(bytes)) == whole);
  check_accepted(bytes);
}

}  // namespace
}  // namespace tollgate::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tollgate::codec::check_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
