// The patterns a route may have, taken apart and checked: "/orders/{id}/items/**", "api.example.com", "*.example.com".
//
// A literal segment must be in the normal form that request paths have when they are matched (codec::normalize_path),
// because any other spelling would never match. Errors are config_invalid and say what to write instead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tollgate::core {

inline constexpr std::size_t kMaxPatternSegments = 64;

enum class SegmentKind : std::uint8_t {
  literal,
  one,   // "*" or "{name}": exactly one segment
  rest,  // "**", last only: any number of segments, also none
};

struct PathSegment {
  SegmentKind kind = SegmentKind::literal;
  std::string text;  // of a literal
  bool operator==(const PathSegment&) const = default;
};

using PathPattern = std::vector<PathSegment>;  // empty: "/"

Result<PathPattern> parse_path_pattern(std::string_view text);

enum class HostKind : std::uint8_t { any, suffix, exact };

struct HostPattern {
  HostKind kind = HostKind::any;
  std::string text;  // exact: the host; suffix: what follows "*."
};

// Lower case only; an IPv6 literal stands in brackets, as in a Host header field. "any" is never the result: it is the
// absence of patterns.
Result<HostPattern> parse_host_pattern(std::string_view text);

// A path and a host that the pattern matches, for error texts.
std::string example_path(const PathPattern& pattern);
std::string example_host(const HostPattern& pattern);

}  // namespace tollgate::core
