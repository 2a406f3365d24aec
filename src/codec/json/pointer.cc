#include "codec/json/pointer.h"

#include "base/str.h"

namespace tollgate::codec {

std::string json_pointer(std::string_view base, std::string_view name) {
  std::string out(base);
  out.push_back('/');
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string json_pointer(std::string_view base, std::size_t index) {
  return str::cat(base, '/', index);
}

}  // namespace tollgate::codec
