// Percent-encoding in paths and queries.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tollgate::http {

// "%2F" → "/"; nothing for a malformed escape or an encoded NUL. With plus_is_space, '+' → ' ' as in queries.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
// Encodes everything but unreserved characters (RFC 3986 §2.3).
std::string percent_encode(std::string_view text);
// "a=1&b=x%20y" → pairs, decoded, in order. Nothing when an escape is malformed.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query_string(std::string_view query);

}  // namespace tollgate::http
