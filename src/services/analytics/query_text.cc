#include "services/analytics/query_text.h"

#include <algorithm>

#include "base/str.h"

namespace tollgate::services {

std::unexpected<Error> bad_parameter(std::string_view name, std::string_view what) {
  return fail(codes::invalid_parameter, str::cat("query parameter \"", name, "\" ", what));
}

Result<void> expect_parameters(const http::Request& request, const std::vector<std::string_view>& known) {
  for (const auto& [name, value] : request.queries()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const auto near = str::nearest(name, known);
    return bad_parameter(
        name, str::cat("is not known here", near ? str::cat("; did you mean \"", *near, "\"?") : std::string()));
  }
  return {};
}

Result<WallTime> read_time(const http::Request& request, std::string_view name, WallTime otherwise) {
  const auto text = request.query(name);
  if (!text) return otherwise;
  const auto time = parse_rfc3339(*text);
  if (!time) return bad_parameter(name, "is not a time such as 2026-11-25T08:00:00Z");
  return std::chrono::floor<Seconds>(*time);
}

Result<std::size_t> read_count(const http::Request& request, std::string_view name, std::size_t otherwise) {
  const auto text = request.query(name);
  if (!text) return otherwise;
  const auto count = str::parse_int<std::size_t>(*text);
  if (!count || *count < 1 || *count > 1000) return bad_parameter(name, "must be a whole number from 1 to 1000");
  return *count;
}

}  // namespace tollgate::services
