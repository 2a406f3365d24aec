// Any bytes as an upstream's response to GET and to HEAD.
#include "http1_pieces.h"

namespace tollgate::codec {
namespace {

void check(std::string_view bytes, Method method) {
  const Verdict whole = drive_response(bytes, {}, method);
  TG_ASSERT(drive_response(bytes, random_cuts(bytes), method) == whole);
  if (bytes.size() <= kDripMax) TG_ASSERT(drive_response(bytes, drip(bytes), method) == whole);
  ResponseParser parser;
  parser.reset(method);
  if (parser.parse(bytes) != ParseStatus::complete) return;
  const ResponseHead& head = parser.head();
  TG_ASSERT(head.status >= 100 && head.status <= 599);
  if (method == Method::head || head.status < 200) TG_ASSERT(head.framing == Framing::none);
  if (head.framing == Framing::until_close) TG_ASSERT(!head.keep_alive);
  for (const HeaderField& field : head.fields) {
    if (field.id == HeaderId::content_length || field.id == HeaderId::transfer_encoding) TG_ASSERT(field.drop);
  }
}

void check_input(std::string_view bytes) {
  check(bytes, Method::get);
  check(bytes, Method::head);
}

}  // namespace
}  // namespace tollgate::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tollgate::codec::check_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
