#include "http/request.h"

#include "base/str.h"

namespace tollgate::http {

std::string_view Request::param(std::string_view name) const {
  for (const auto& [key, value] : params_) {
    if (key == name) return value;
  }
  return {};
}

std::optional<std::string_view> Request::query(std::string_view name) const {
  for (const auto& [key, value] : query_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view Request::bearer() const {
  std::string_view value = header(codec::HeaderId::authorization);
  constexpr std::string_view kScheme = "bearer ";
  if (value.size() <= kScheme.size() || !str::iequals(value.substr(0, kScheme.size()), kScheme)) return {};
  return str::trim(value.substr(kScheme.size()));
}

}  // namespace tollgate::http
