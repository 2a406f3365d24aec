#include "codec/http1/request_target.h"

#include <algorithm>
#include <cstdint>

#include "base/str.h"
#include "codec/http1/authority.h"
#include "codec/http1/char_class.h"

namespace tollgate::codec {
namespace {

Refusal bad_target(std::string_view detail) {
  return {&codes::bad_target, detail};
}

Slice part(Slice whole, std::size_t from, std::size_t to) {
  return {whole.offset + static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to - from)};
}

// The byte that an escape stands for; -1 when malformed. `text` begins with '%'.
int decode_escape(std::string_view text) {
  if (text.size() < 3) return -1;
  const int high = hex_value(text[1]);
  const int low = hex_value(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

// Bytes that begin an overlong UTF-8 sequence, a way to hide a character from whoever compares bytes: C0 and C1 always,
// E0 and F0 when the byte that follows is too small (RFC 3629 §3).
bool begins_overlong(int byte, std::string_view rest) {
  if (byte == 0xc0 || byte == 0xc1) return true;
  if (byte != 0xe0 && byte != 0xf0) return false;
  const int next = rest.starts_with('%') ? decode_escape(rest) : -1;
  return next >= 0x80 && next < (byte == 0xe0 ? 0xa0 : 0x90);
}

Refusal judge_escapes(std::string_view path) {
  for (std::size_t i = path.find('%'); i != std::string_view::npos; i = path.find('%', i + 3)) {
    const int byte = decode_escape(path.substr(i));
    if (byte < 0) return bad_target("The path holds a malformed percent escape.");
    if (byte == '\0' || byte == '\r' || byte == '\n') return bad_target("The path holds an escaped NUL, CR or LF.");
    if (begins_overlong(byte, path.substr(i + 3))) return bad_target("The path holds an overlong UTF-8 sequence.");
  }
  return {};
}

// Errs on the side of "no": a path that only may need it is normalised.
bool is_plain(std::string_view path) {
  if (path.empty()) return false;
  char previous = '\0';
  for (const char c : path) {
    if (c == '%' || (previous == '/' && (c == '/' || c == '.'))) return false;
    previous = c;
  }
  return true;
}

// `target` from `path_start` on is a path and perhaps a query.
Refusal judge_path(std::string_view text, Slice target, std::size_t path_start, RequestHead& head) {
  const std::size_t question = text.find('?', path_start);
  const std::size_t path_end = std::min(question, text.size());
  head.has_query = question != std::string_view::npos;
  head.path = part(target, path_start, path_end);
  if (head.has_query) head.query = part(target, path_end + 1, text.size());
  const std::string_view path = text.substr(path_start, path_end - path_start);
  head.path_is_plain = is_plain(path);
  return head.path_is_plain ? Refusal{} : judge_escapes(path);
}

Refusal judge_absolute_form(std::string_view text, Slice target, RequestHead& head) {
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  std::size_t start = 0;
  if (str::iequals(text.substr(0, kHttp.size()), kHttp)) {
    start = kHttp.size();
  } else if (str::iequals(text.substr(0, kHttps.size()), kHttps)) {
    start = kHttps.size();
    head.https_scheme = true;
  } else {
    return bad_target("The request target is neither a path nor an http or https URL.");
  }
  const std::size_t end = std::min(text.find_first_of("/?", start), text.size());
  if (!parse_authority(text.substr(start, end - start))) {
    return bad_target("The request target's host is not valid.");
  }
  head.absolute_form = true;
  head.authority = part(target, start, end);
  return judge_path(text, target, end, head);
}

Refusal judge_authority_form(std::string_view text, Slice target, RequestHead& head) {
  const auto authority = parse_authority(text);
  if (!authority || authority->port.empty()) return bad_target("CONNECT takes host:port.");
  head.authority_form = true;
  head.authority = target;
  return {};
}

}  // namespace

Refusal judge_target(std::string_view buffer, Slice target, RequestHead& head) noexcept {
  const std::string_view text = target.in(buffer);
  if (text.empty()) return {&codes::bad_request, "The request line has two spaces where one belongs."};
  if (head.method == Method::connect) return judge_authority_form(text, target, head);
  if (text.front() == '/') return judge_path(text, target, 0, head);
  if (text != "*") return judge_absolute_form(text, target, head);
  if (head.method != Method::options) return bad_target("Only OPTIONS takes the target *.");
  head.asterisk_form = true;
  return {};
}

}  // namespace tollgate::codec
