#include "http/static_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/str.h"

namespace tollgate::http {
namespace {

// Calls `use` with each element of a comma-separated list, trimmed.
template <class Use>
void each_element(std::string_view list, Use&& use) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    use(str::trim(list.substr(0, comma)));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
}

// "gzip;q=0.0" → false. A weight that is none counts as 1.
bool is_allowed(std::string_view parameters) {
  const std::string_view weight = str::trim(parameters);
  if (!weight.starts_with("q=") && !weight.starts_with("Q=")) return true;
  return weight.find_first_of("123456789", 2) != std::string_view::npos;
}

bool has_tag(std::string_view if_none_match, std::string_view tag) {
  bool found = false;
  each_element(if_none_match, [&](std::string_view element) {
    if (element.starts_with("W/")) element.remove_prefix(2);
    found = found || element == "*" || element == tag;
  });
  return found;
}

struct Representation {
  std::string_view content;
  std::string_view name;  // of the coding
};

Representation choose(const StaticFile& file, Coding best) {
  if (best == Coding::brotli && !file.brotli.empty()) return {file.brotli, "br"};
  if (best != Coding::plain && !file.gzip.empty()) return {file.gzip, "gzip"};
  return {file.plain, ""};
}

}  // namespace

std::string_view content_type_of(std::string_view path) {
  constexpr auto kTypes = std::to_array<std::pair<std::string_view, std::string_view>>({
      {".css", "text/css; charset=utf-8"},
      {".html", "text/html; charset=utf-8"},
      {".ico", "image/x-icon"},
      {".js", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".png", "image/png"},
      {".svg", "image/svg+xml"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"},
      {".woff2", "font/woff2"},
      {".yaml", "application/yaml"},
  });
  const auto* const known = std::ranges::find_if(kTypes, [&](const auto& type) { return path.ends_with(type.first); });
  return known == kTypes.end() ? std::string_view("application/octet-stream") : known->second;
}

Coding best_coding(std::string_view accept_encoding) {
  bool brotli = false;
  bool gzip = false;
  each_element(accept_encoding, [&](std::string_view element) {
    const std::size_t semicolon = std::min(element.find(';'), element.size());
    const std::string_view name = str::trim(element.substr(0, semicolon));
    const std::string_view parameters = semicolon < element.size() ? element.substr(semicolon + 1) : std::string_view();
    if (str::iequals(name, "br")) brotli = is_allowed(parameters);
    if (str::iequals(name, "gzip")) gzip = is_allowed(parameters);
  });
  return brotli ? Coding::brotli : gzip ? Coding::gzip : Coding::plain;
}

Response static_response(const Request& request, const StaticFile& file, Keep keep) {
  const Representation chosen = choose(file, best_coding(request.header("Accept-Encoding")));
  // Codings are different bytes, so each has a tag of its own.
  const std::string tag = str::cat('"', file.digest, chosen.name.empty() ? "" : "-", chosen.name, '"');
  Response response;
  response.header("ETag", tag);
  response.header("Cache-Control", keep == Keep::for_ever ? "public, max-age=31536000, immutable" : "no-cache");
  if (!file.brotli.empty() || !file.gzip.empty()) response.header("Vary", "Accept-Encoding");
  if (has_tag(request.header("If-None-Match"), tag)) {
    response.status = 304;
    return response;
  }
  response.header("Content-Type", std::string(content_type_of(file.path)));
  if (!chosen.name.empty()) response.header("Content-Encoding", std::string(chosen.name));
  response.body = chosen.content;
  return response;
}

}  // namespace tollgate::http
