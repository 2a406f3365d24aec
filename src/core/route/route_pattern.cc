#include "core/route/route_pattern.h"

#include <algorithm>

#include "base/str.h"

namespace tollgate::core {
namespace {

constexpr bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr bool is_unreserved(char c) {
  return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

// RFC 3986 §3.3 pchar, without escapes and without '*', which always means a wildcard here.
constexpr bool is_literal_char(char c) {
  return is_unreserved(c) || std::string_view("!$&'()+,;=:@").find(c) != std::string_view::npos;
}

constexpr int upper_hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_normal_escape(std::string_view rest) {
  if (rest.size() < 3 || upper_hex(rest[1]) < 0 || upper_hex(rest[2]) < 0) return false;
  return !is_unreserved(static_cast<char>(upper_hex(rest[1]) * 16 + upper_hex(rest[2])));
}

std::unexpected<Error> bad_path(std::string_view pattern, std::string_view why) {
  return fail(codes::config_invalid, str::cat("path \"", pattern, "\": ", why));
}

// What is wrong with a literal segment, or nothing.
std::string literal_fault(std::string_view segment) {
  if (segment.empty()) return "has an empty segment; \"//\" and a \"/\" at the end are not part of a pattern";
  if (segment == "." || segment == "..") return "has a dot segment; requests are matched without them";
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] == '%') {
      if (!is_normal_escape(segment.substr(i))) {
        return str::cat("the escape \"", segment.substr(i, 3),
                        "\" must be % and two upper-case hex digits, and not stand for a letter, a digit or -._~");
      }
      i += 2;
    } else if (segment[i] == '*') {
      return "\"*\" and \"**\" stand for whole segments; to match a star itself write %2A";
    } else if (segment[i] == '{' || segment[i] == '}') {
      return "\"{name}\" stands for a whole segment";
    } else if (segment[i] == '?' || segment[i] == '#') {
      return "a query or fragment is not part of a pattern";
    } else if (!is_literal_char(segment[i])) {
      return "has a character that must be percent-encoded";
    }
  }
  return {};
}

bool is_parameter(std::string_view segment) {
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return false;
  const std::string_view name = segment.substr(1, segment.size() - 2);
  return std::ranges::all_of(name, [](char c) { return is_alnum(c) || c == '_' || c == '-'; });
}

bool is_label(std::string_view label) {
  const auto allowed = [](char c) { return (is_alnum(c) && (c < 'A' || c > 'Z')) || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, allowed);
}

bool is_name(std::string_view host) {
  if (host.size() > 253) return false;
  while (true) {
    const std::size_t dot = host.find('.');
    if (!is_label(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

bool is_bracketed_address(std::string_view host) {
  if (host.size() < 4 || host.size() > 47 || host.front() != '[' || host.back() != ']') return false;
  const std::string_view inner = host.substr(1, host.size() - 2);
  return inner.find_first_not_of("0123456789abcdef:.") == std::string_view::npos &&
         inner.find(':') != std::string_view::npos;
}

}  // namespace

Result<PathPattern> parse_path_pattern(std::string_view text) {
  if (text.empty() || text.front() != '/') return bad_path(text, "must begin with \"/\"");
  PathPattern pattern;
  std::string_view rest = text.substr(1);
  bool more = !rest.empty();
  while (more) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    more = slash != std::string_view::npos;
    if (more) rest.remove_prefix(slash + 1);
    if (pattern.size() == kMaxPatternSegments) {
      return bad_path(text, str::cat("has more than ", kMaxPatternSegments, " segments"));
    }
    if (segment == "**") {
      if (more) return bad_path(text, "\"**\" stands for the rest of the path and must come last");
      pattern.push_back({SegmentKind::rest, {}});
    } else if (segment == "*" || is_parameter(segment)) {
      pattern.push_back({SegmentKind::one, {}});
    } else if (const std::string fault = literal_fault(segment); !fault.empty()) {
      return bad_path(text, fault);
    } else {
      pattern.push_back({SegmentKind::literal, std::string(segment)});
    }
  }
  return pattern;
}

Result<HostPattern> parse_host_pattern(std::string_view text) {
  if (text == "*") return fail(codes::config_invalid, "host \"*\": leave hosts out to match any host");
  const bool wildcard = text.starts_with("*.");
  const std::string_view name = wildcard ? text.substr(2) : text;
  if (!is_name(name) && (wildcard || !is_bracketed_address(name))) {
    return fail(codes::config_invalid, str::cat("host \"", text,
                                                "\": must be a lower-case name or address without port, "
                                                "\"*.\" and such a name, or an IPv6 address in brackets"));
  }
  return HostPattern{wildcard ? HostKind::suffix : HostKind::exact, std::string(name)};
}

std::string example_path(const PathPattern& pattern) {
  std::string path;
  for (const PathSegment& segment : pattern) {
    str::append(path, "/", segment.kind == SegmentKind::literal ? std::string_view(segment.text) : "x");
  }
  return path.empty() ? "/" : path;
}

std::string example_host(const HostPattern& pattern) {
  return pattern.kind == HostKind::suffix ? str::cat("x.", pattern.text) : pattern.text;
}

}  // namespace tollgate::core
