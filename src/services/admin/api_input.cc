#include "services/admin/api_input.h"

#include <algorithm>
#include <vector>

#include "base/str.h"
#include "codec/json/parse.h"

namespace tollgate::services {
namespace {

constexpr codec::JsonLimits kBodyLimits{.max_bytes = 64 * 1024, .max_depth = 8};

bool is_json(std::string_view content_type, bool patch) {
  const std::string_view essence = str::trim(content_type.substr(0, content_type.find(';')));
  return str::iequals(essence, "application/json") || (patch && str::iequals(essence, "application/merge-patch+json"));
}

}  // namespace

Result<codec::JsonValue> json_body(const http::Request& request) {
  const std::string_view type = request.header(codec::HeaderId::content_type);
  if (request.body().empty() && type.empty()) return codec::JsonValue(codec::JsonObject{});
  if (!is_json(type, request.method() == "PATCH")) return fail(codes::unsupported_media_type);
  return codec::parse_json(request.body(), kBodyLimits);
}

Result<void> expect_parameters(const http::Request& request, std::initializer_list<std::string_view> known) {
  const std::vector<std::string_view> names(known);
  for (const auto& [name, value] : request.queries()) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const auto near = str::nearest(name, names);
    return fail(codes::invalid_parameter, str::cat("There is no query parameter \"", name, "\" here.",
                                                   near ? str::cat(" Did you mean \"", *near, "\"?") : std::string()));
  }
  return {};
}

Result<std::size_t> page_size(const http::Request& request) {
  const auto text = request.query("limit");
  if (!text) return std::size_t{100};
  const auto limit = str::parse_int<std::size_t>(*text);
  if (!limit || *limit < 1 || *limit > 1000) return fail(codes::invalid_parameter, "limit must be 1 to 1000.");
  return *limit;
}

std::string etag(std::uint64_t revision) {
  return str::cat('"', revision, '"');
}

Result<std::optional<std::uint64_t>> if_match(const http::Request& request) {
  const std::string_view value = request.header("If-Match");
  if (value.empty() || value == "*") return std::nullopt;
  if (value.size() > 2 && value.front() == '"' && value.back() == '"') {
    if (const auto revision = str::parse_int<std::uint64_t>(value.substr(1, value.size() - 2))) return *revision;
  }
  return fail(codes::precondition_failed);
}

}  // namespace tollgate::services
