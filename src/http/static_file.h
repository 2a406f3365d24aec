// Files that are part of the binary, with what HTTP makes of them: a type by their name, an ETag by their content, the
// smallest coding that the client takes.
//
// Thread safety: any. A StaticFile's texts are the program's own.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/request.h"
#include "http/response.h"

namespace tollgate::http {

struct StaticFile {
  std::string_view path;    // "/assets/app-4f3a.js"
  std::string_view digest;  // of the content, in hex
  std::string_view plain;
  std::string_view brotli;  // empty: not smaller
  std::string_view gzip;    // likewise
};

enum class Keep : std::uint8_t {
  ask_again,  // kept, but asked about before each use
  for_ever,   // its name has its content's hash in it
};

// 200, or 304 when the client has it: for GET and HEAD.
Response static_response(const Request& request, const StaticFile& file, Keep keep);

// "text/javascript; charset=utf-8" for "app.js"; application/octet-stream for what is not known.
std::string_view content_type_of(std::string_view path);

enum class Coding : std::uint8_t { plain, gzip, brotli };
// The best that `accept_encoding` allows: br before gzip before neither, whatever their weights, as long as those are
// not 0.
Coding best_coding(std::string_view accept_encoding);

}  // namespace tollgate::http
