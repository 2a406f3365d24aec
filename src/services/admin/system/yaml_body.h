// A request's body as YAML text. Thread safety: pure.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "base/str.h"
#include "http/request.h"

namespace tollgate::services {

// unsupported_media_type unless it is declared as YAML, RFC 9512, or by one of the names that it had before. The text
// lives as long as the request.
inline Result<std::string_view> yaml_body(const http::Request& request) {
  constexpr std::array<std::string_view, 4> kTypes{"application/yaml", "application/x-yaml", "text/yaml",
                                                   "text/x-yaml"};
  const std::string_view type = request.header(codec::HeaderId::content_type);
  const std::string_view essence = str::trim(type.substr(0, type.find(';')));
  const auto is_it = [&](std::string_view known) { return str::iequals(essence, known); };
  if (!std::ranges::any_of(kTypes, is_it)) return fail(codes::unsupported_media_type, "Send YAML as application/yaml.");
  return std::string_view(request.body());
}

}  // namespace tollgate::services
