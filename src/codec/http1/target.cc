#include "codec/http1/target.h"

#include "codec/http1/char_class.h"

namespace tollgate::codec {
namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";

// Appends the normal form of the escape at path[i] ('%'). False when it is malformed.
bool append_escape(std::string_view path, std::size_t i, std::string& out) {
  if (path.size() - i < 3) return false;
  const int high = hex_value(path[i + 1]);
  const int low = hex_value(path[i + 2]);
  if (high < 0 || low < 0) return false;
  const char decoded = static_cast<char>(high * 16 + low);
  if ((char_class(decoded) & kUnreserved) != 0) {
    out.push_back(decoded);
  } else {
    out.push_back('%');
    out.push_back(kUpperHex[static_cast<std::size_t>(high)]);
    out.push_back(kUpperHex[static_cast<std::size_t>(low)]);
  }
  return true;
}

// Judges the segment that starts at `segment` and ends `out`, where `root` is the offset of the path's first '/'.
// A dot segment is taken away, with its parent when it is "..". "..;x" is refused: a server that strips path parameters
// would read it as "..", a server that does not would not.
bool close_segment(std::string& out, std::size_t segment, std::size_t root) {
  const std::string_view text = std::string_view(out).substr(segment);
  if (text.starts_with(".;") || text.starts_with("..;")) return false;
  if (text == ".") {
    out.resize(segment);
  } else if (text == "..") {
    if (segment == root + 1) return false;
    out.resize(out.rfind('/', segment - 2) + 1);
  }
  return true;
}

}  // namespace

bool normalize_path(std::string_view path, std::string& out) {
  const std::size_t root = out.size();
  out.push_back('/');
  if (path.empty()) return true;
  if (path.front() != '/') return false;
  std::size_t segment = out.size();
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (path[i] == '%') {
      if (!append_escape(path, i, out)) return false;
      i += 2;
    } else if (path[i] != '/') {
      out.push_back(path[i]);
    } else {
      if (!close_segment(out, segment, root)) return false;
      if (out.back() != '/') out.push_back('/');
      segment = out.size();
    }
  }
  return close_segment(out, segment, root);
}

}  // namespace tollgate::codec
