// Paths: one normal form that routing, limiting and forwarding all use, so that they cannot disagree.
#pragma once

#include <string>
#include <string_view>

namespace tollgate::codec {

// Appends the normal form of an origin-form path to `out`: dot segments removed (RFC 3986 §5.2.4, also in their encoded
// form %2e), empty segments merged, percent-encoded unreserved characters decoded, other escapes kept in upper case
// (%2F and %5C stay encoded and never act as '/'). Returns false when the path climbs above the root or has a malformed
// escape; `out` is then unspecified.
bool normalize_path(std::string_view path, std::string& out);

}  // namespace tollgate::codec
