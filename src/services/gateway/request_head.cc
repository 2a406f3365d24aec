#include "services/gateway/request_head.h"

#include "base/str.h"

namespace tollgate::services {

using codec::HeaderField;
using codec::HeaderId;

namespace {

// What upstreams may believe because only we can have written it.
constexpr std::string_view kOurPrefix = "x-tollgate-";

bool is_ours(std::string_view name) {
  return name.size() > kOurPrefix.size() && (name[0] == 'x' || name[0] == 'X') &&
         str::iequals(name.substr(0, kOurPrefix.size()), kOurPrefix);
}

bool is_forwarding_field(HeaderId id) {
  return id == HeaderId::x_forwarded_for || id == HeaderId::x_forwarded_proto || id == HeaderId::x_forwarded_host ||
         id == HeaderId::x_real_ip || id == HeaderId::forwarded;
}

// Fields that are written anew below.
bool is_rewritten(const HeaderField& field, const ForwardedHead& forwarded) {
  switch (field.id) {
    case HeaderId::host:
    case HeaderId::x_request_id:
    case HeaderId::x_api_key: return true;
    case HeaderId::other: return is_ours(field.name(forwarded.bytes));
    default: return is_forwarding_field(field.id);
  }
}

std::string_view value_of(const ForwardedHead& forwarded, HeaderId id) {
  const HeaderField* field = forwarded.head.fields.find(id);
  return field == nullptr ? std::string_view{} : field->value(forwarded.bytes);
}

// Neighbouring lines that stay are copied as one piece.
void append_kept_fields(std::string& out, const ForwardedHead& forwarded) {
  std::size_t from = 0;
  std::size_t to = 0;
  for (const HeaderField& field : forwarded.head.fields) {
    if (field.drop || is_rewritten(field, forwarded)) continue;
    if (field.line_offset != to) {
      out.append(forwarded.bytes.substr(from, to - from));
      from = field.line_offset;
    }
    to = field.line_offset + field.line_length;
  }
  out.append(forwarded.bytes.substr(from, to - from));
}

void append_ip(std::string& out, const IpAddress& ip) {
  if (!ip.is_v4()) {
    out.append(ip.to_string());
    return;
  }
  const auto& b = ip.bytes;
  str::append(out, unsigned{b[12]}, '.', unsigned{b[13]}, '.', unsigned{b[14]}, '.', unsigned{b[15]});
}

void append_hex64(std::string& out, std::uint64_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  char text[16];
  for (std::size_t i = sizeof(text); i-- > 0; value >>= 4) text[i] = kDigits[value & 15];
  out.append(text, sizeof(text));
}

void append_forwarding_fields(std::string& out, const ForwardedHead& forwarded) {
  out.append("X-Forwarded-For: ");
  if (forwarded.peer_is_trusted) {
    for (const HeaderField& field : forwarded.head.fields) {
      if (field.id == HeaderId::x_forwarded_for) str::append(out, field.value(forwarded.bytes), ", ");
    }
  }
  append_ip(out, forwarded.peer);
  const std::string_view proto =
      forwarded.peer_is_trusted ? value_of(forwarded, HeaderId::x_forwarded_proto) : std::string_view{};
  const std::string_view host =
      forwarded.peer_is_trusted ? value_of(forwarded, HeaderId::x_forwarded_host) : std::string_view{};
  str::append(out, "\r\nX-Forwarded-Proto: ", proto.empty() ? std::string_view("http") : proto);
  str::append(out, "\r\nX-Forwarded-Host: ", host.empty() ? forwarded.head.authority.in(forwarded.bytes) : host);
  out.append("\r\nX-Real-IP: ");
  append_ip(out, forwarded.client);
}

}  // namespace

void append_forwarded_head(std::string& out, const ForwardedHead& forwarded) {
  const codec::RequestHead& head = forwarded.head;
  str::append(out, head.method_text.in(forwarded.bytes), ' ', forwarded.path);
  if (head.has_query) str::append(out, '?', head.query.in(forwarded.bytes));
  str::append(out, " HTTP/1.1\r\nHost: ", head.authority.in(forwarded.bytes), "\r\n");
  append_kept_fields(out, forwarded);
  append_forwarding_fields(out, forwarded);
  str::append(out, "\r\nVia: 1.1 ", forwarded.via, "\r\nX-Request-Id: ");
  append_hex64(out, forwarded.request_id);
  if (!forwarded.key_id.empty()) str::append(out, "\r\nX-Tollgate-Key-Id: ", forwarded.key_id);
  if (forwarded.content_length) {
    str::append(out, "\r\nContent-Length: ", *forwarded.content_length);
  } else if (forwarded.chunked) {
    out.append("\r\nTransfer-Encoding: chunked");
  }
  out.append("\r\n\r\n");
}

std::size_t count_own_via(const codec::RequestHead& head, std::string_view bytes, std::string_view pseudonym) {
  std::size_t count = 0;
  for (const HeaderField& field : head.fields) {
    if (field.id != HeaderId::via) continue;
    std::string_view rest = field.value(bytes);
    while (!rest.empty()) {
      const std::string_view entry = str::trim(rest.substr(0, rest.find(',')));
      rest.remove_prefix(
          std::min(rest.size(), rest.find(',') == std::string_view::npos ? rest.size() : rest.find(',') + 1));
      const std::size_t space = entry.find(' ');
      if (space != std::string_view::npos && str::trim(entry.substr(space)) == pseudonym) ++count;
    }
  }
  return count;
}

}  // namespace tollgate::services
