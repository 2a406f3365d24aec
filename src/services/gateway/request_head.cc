#include "services/gateway/request_head.h"

#include <algorithm>

#include "base/str.h"
#include "base/text_cursor.h"
#include "services/gateway/kept_fields.h"

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
    case HeaderId::max_forwards: return forwarded.head.max_forwards.has_value();
    case HeaderId::other: return is_ours(field.name(forwarded.bytes));
    default: return is_forwarding_field(field.id);
  }
}

std::string_view value_of(const ForwardedHead& forwarded, HeaderId id) {
  const HeaderField* field = forwarded.head.fields.find(id);
  return field == nullptr ? std::string_view{} : field->value(forwarded.bytes);
}

constexpr std::size_t kIpBytes = 46;

void put_ip(TextCursor& text, const IpAddress& ip) {
  if (!ip.is_v4()) {
    text.put(ip.to_string());
    return;
  }
  const auto& b = ip.bytes;
  text.put_number(b[12]).put(".").put_number(b[13]).put(".").put_number(b[14]).put(".").put_number(b[15]);
}

// What came before, when a proxy that is trusted says so.
void append_forwarded_for_chain(std::string& out, const ForwardedHead& forwarded) {
  if (!forwarded.peer_is_trusted) return;
  for (const HeaderField& field : forwarded.head.fields) {
    if (field.id == HeaderId::x_forwarded_for) str::append(out, field.value(forwarded.bytes), ", ");
  }
}

// What the trusted peer says, or else what we see.
std::string_view told_or(const ForwardedHead& forwarded, HeaderId id, std::string_view seen) {
  const std::string_view told = forwarded.peer_is_trusted ? value_of(forwarded, id) : std::string_view{};
  return told.empty() ? seen : told;
}

}  // namespace

void append_forwarded_head(std::string& out, const ForwardedHead& forwarded) {
  const codec::RequestHead& head = forwarded.head;
  const std::string_view method = head.method_text.in(forwarded.bytes);
  const std::string_view query = head.query.in(forwarded.bytes);
  const std::string_view authority = head.authority.in(forwarded.bytes);
  append_text(out, method.size() + forwarded.path.size() + query.size() + authority.size() + 32, [&](TextCursor& text) {
    text.put(method).put(" ").put(forwarded.path);
    if (head.has_query) text.put("?").put(query);
    text.put(" HTTP/1.1\r\nHost: ").put(authority).put("\r\n");
  });
  append_kept_fields(out, head.fields, forwarded.bytes,
                     [&](const HeaderField& field) { return !field.drop && !is_rewritten(field, forwarded); });
  out.append("X-Forwarded-For: ");
  append_forwarded_for_chain(out, forwarded);
  const std::string_view proto = told_or(forwarded, HeaderId::x_forwarded_proto, "http");
  const std::string_view host = told_or(forwarded, HeaderId::x_forwarded_host, authority);
  const std::size_t bound =
      256 + 2 * kIpBytes + proto.size() + host.size() + forwarded.via.size() + forwarded.key_id.size();
  append_text(out, bound, [&](TextCursor& text) {
    put_ip(text, forwarded.peer);
    text.put("\r\nX-Forwarded-Proto: ").put(proto).put("\r\nX-Forwarded-Host: ").put(host).put("\r\nX-Real-IP: ");
    put_ip(text, forwarded.client);
    text.put(head.minor == 0 ? "\r\nVia: 1.0 " : "\r\nVia: 1.1 ")
        .put(forwarded.via)
        .put("\r\nX-Request-Id: ")
        .put_hex64(forwarded.request_id);
    if (!forwarded.key_id.empty()) text.put("\r\nX-Tollgate-Key-Id: ").put(forwarded.key_id);
    if (head.max_forwards) text.put("\r\nMax-Forwards: ").put_number(*head.max_forwards - 1);
    if (forwarded.content_length) {
      text.put("\r\nContent-Length: ").put_number(*forwarded.content_length);
    } else if (forwarded.chunked) {
      text.put("\r\nTransfer-Encoding: chunked");
    }
    text.put("\r\n\r\n");
  });
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
