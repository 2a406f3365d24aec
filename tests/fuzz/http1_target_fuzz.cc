// Any bytes as a path: its normal form is its own normal form and holds no dot segment; and a path that the parser
// calls plain is normal already, so that skipping the normalisation changes nothing.
#include "base/assert.h"
#include "codec/http1/request_parser.h"
#include "codec/http1/target.h"

namespace tollgate::codec {
namespace {

void check_normal_form(std::string_view path) {
  std::string normal;
  if (!normalize_path(path, normal)) return;
  std::string again;
  TG_ASSERT(normalize_path(normal, again) && again == normal);
  TG_ASSERT(normal.starts_with('/') && normal.find("//") == std::string::npos);
  TG_ASSERT(normal.size() <= path.size() + 1);
  const std::string closed = normal + "/";
  for (const std::string_view bad : {"/./", "/../", "/.;", "/..;", "%2e", "%2E"}) {
    TG_ASSERT(closed.find(bad) == std::string::npos);
  }
}

void check_parsed(std::string_view target) {
  const std::string bytes = "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  RequestParser parser;
  if (parser.parse(bytes) != ParseStatus::complete) return;
  const std::string_view path = parser.head().path.in(bytes);
  check_normal_form(path);
  if (!parser.head().path_is_plain) return;
  std::string normal;
  TG_ASSERT(normalize_path(path, normal) && normal == path);
}

void check_input(std::string_view bytes) {
  check_normal_form(bytes);
  check_parsed(bytes);
}

}  // namespace
}  // namespace tollgate::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tollgate::codec::check_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
