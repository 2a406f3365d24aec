#include <array>

#include "codec/http1/head.h"

namespace tollgate::codec {
namespace {

// In the order of Method.
constexpr std::array<std::string_view, 10> kNames = {"GET",    "HEAD",    "POST",  "PUT",     "PATCH",
                                                     "DELETE", "OPTIONS", "TRACE", "CONNECT", "OTHER"};
static_assert(kNames.size() == static_cast<std::size_t>(Method::other) + 1);

}  // namespace

std::string_view method_name(Method method) noexcept {
  return kNames[static_cast<std::size_t>(method)];
}

Method parse_method(std::string_view token) noexcept {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Method::other); ++i) {
    if (kNames[i] == token) return static_cast<Method>(i);
  }
  return Method::other;
}

}  // namespace tollgate::codec
