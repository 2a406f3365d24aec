#include "codec/http1/request_rules.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <span>

#include "base/str.h"
#include "codec/http1/authority.h"
#include "codec/http1/char_class.h"
#include "codec/http1/connection_options.h"
#include "codec/http1/framing_fields.h"

namespace tollgate::codec {
namespace {

// Fields that a sender may not have removed on the way: whoever can, could drop the caller's identity or the framing.
constexpr std::uint32_t kNeverNominated =
    header_bits(HeaderId::host, HeaderId::content_length, HeaderId::transfer_encoding, HeaderId::authorization,
                HeaderId::x_api_key, HeaderId::x_forwarded_for, HeaderId::x_forwarded_proto, HeaderId::x_forwarded_host,
                HeaderId::x_real_ip, HeaderId::forwarded, HeaderId::via);

Refusal bad_request(std::string_view detail) {
  return {&codes::bad_request, detail};
}
Refusal ambiguous_framing(std::string_view detail) {
  return {&codes::ambiguous_framing, detail};
}

// Gateways and applications that map '-' and '_' to one character would see another field than we did.
Refusal judge_underscores(std::string_view buffer, const FieldCensus& census, RequestHead& head) {
  if (!census.underscored) return {};
  for (HeaderField& field : head.fields) {
    const std::string_view name = field.name(buffer);
    if (name.find('_') == std::string_view::npos) continue;
    if (str::iequals(name, "content_length") || str::iequals(name, "transfer_encoding")) {
      return ambiguous_framing("A field is named like a framing field, but for an underscore.");
    }
    field.drop = true;
    if (head.underscored_dropped < 255) ++head.underscored_dropped;
  }
  return {};
}

Refusal judge_host(std::string_view buffer, const FieldCensus& census, RequestHead& head) {
  if (!census.has(HeaderId::host)) return {&codes::bad_host, "The request has no Host field."};
  if (census.repeats(HeaderId::host)) return {&codes::bad_host, "The request has more than one Host field."};
  const HeaderField& field = *head.fields.find(HeaderId::host);
  const auto host = parse_authority(field.value(buffer));
  if (!host) return {&codes::bad_host, "The Host field is not a valid host and port."};
  if (head.absolute_form) {
    const auto target = parse_authority(head.authority.in(buffer));
    if (!target || !same_endpoint(*host, *target, head.https_scheme ? "443" : "80")) {
      return {&codes::bad_host, "The Host field names another host than the request target."};
    }
  } else if (!head.authority_form) {
    head.authority = {field.value_offset, field.value_length};
  }
  return {};
}

Refusal judge_transfer_encoding(std::string_view buffer, const FieldCensus& census, RequestHead& head) {
  if (head.minor == 0) return ambiguous_framing("HTTP/1.0 has no Transfer-Encoding.");
  if (census.has(HeaderId::content_length)) {
    return ambiguous_framing("The request has both Content-Length and Transfer-Encoding.");
  }
  if (census.repeats(HeaderId::transfer_encoding)) {
    return ambiguous_framing("The request has more than one Transfer-Encoding field.");
  }
  const auto coding = parse_transfer_encoding(head.fields.find(HeaderId::transfer_encoding)->value(buffer));
  if (coding == TransferCoding::malformed) return ambiguous_framing("Transfer-Encoding is not chunked.");
  head.framing = Framing::chunked;
  return {};
}

Refusal judge_framing(std::string_view buffer, const FieldCensus& census, RequestHead& head) {
  if (census.has(HeaderId::transfer_encoding)) return judge_transfer_encoding(buffer, census, head);
  if (!census.has(HeaderId::content_length)) return {};
  if (census.repeats(HeaderId::content_length)) {
    return ambiguous_framing("The request has more than one Content-Length field.");
  }
  const auto length = parse_content_length(head.fields.find(HeaderId::content_length)->value(buffer));
  if (!length) return ambiguous_framing("Content-Length is not a plain decimal number.");
  head.has_content_length = true;
  head.content_length = *length;
  head.framing = *length > 0 ? Framing::content_length : Framing::none;
  return {};
}

Refusal judge_connection(std::string_view buffer, const FieldCensus& census, RequestHead& head) {
  head.keep_alive = head.minor > 0;
  if (!census.has(HeaderId::connection)) return {};
  using Fault = ConnectionOptions::Fault;
  const auto options = apply_connection_options(buffer, {head.fields.begin(), head.fields.end()}, kNeverNominated);
  switch (options.fault) {
    case Fault::none: break;
    case Fault::malformed: return bad_request("The Connection field is not a list of tokens.");
    case Fault::too_many: return bad_request("The Connection field has too many options.");
    case Fault::forbidden: return bad_request("The Connection field names a field that may not be removed.");
  }
  if (options.close) head.keep_alive = false;
  head.connection_upgrade = options.upgrade && head.minor > 0;
  return {};
}

bool is_ascii(std::string_view text) {
  constexpr std::uint64_t kEighthBits = 0x8080'8080'8080'8080;
  std::uint64_t bits = 0;
  for (; text.size() >= sizeof(bits); text.remove_prefix(sizeof(bits))) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data(), sizeof(eight));
    bits |= eight;
  }
  for (const char c : text) bits |= static_cast<unsigned char>(c);
  return (bits & kEighthBits) == 0;
}

Refusal judge_credentials(std::string_view buffer, const FieldCensus& census, RequestHead& head) {
  constexpr std::uint32_t kOnce = header_bits(HeaderId::authorization, HeaderId::x_api_key);
  constexpr std::uint32_t kCredentials = kOnce | header_bit(HeaderId::proxy_authorization);
  if ((census.seen & kCredentials) == 0) return {};
  if ((census.repeated & kOnce) != 0) {
    return {&codes::ambiguous_credential, "A credential field occurs more than once."};
  }
  for (const HeaderField& field : head.fields) {
    if ((header_bit(field.id) & kCredentials) != 0 && !is_ascii(field.value(buffer))) {
      return bad_request("A credential field holds a character that is not ASCII.");
    }
  }
  return {};
}

// RFC 9110 §7.6.2: only OPTIONS and TRACE give the field a meaning.
Refusal judge_max_forwards(std::string_view buffer, const FieldCensus& census, RequestHead& head) {
  if (!census.has(HeaderId::max_forwards)) return {};
  if (head.method != Method::options && head.method != Method::trace) return {};
  const std::string_view value = head.fields.find(HeaderId::max_forwards)->value(buffer);
  if (census.repeats(HeaderId::max_forwards) || value.empty() || !std::ranges::all_of(value, is_digit)) {
    return bad_request("Max-Forwards is not a number.");
  }
  head.max_forwards = str::parse_int<std::uint64_t>(value).value_or(std::numeric_limits<std::uint64_t>::max());
  return {};
}

// What is well-formed but not offered.
Refusal judge_support(std::string_view buffer, const FieldCensus& census, RequestHead& head) {
  if (census.has(HeaderId::transfer_encoding)) {
    const HeaderField& field = *head.fields.find(HeaderId::transfer_encoding);
    if (parse_transfer_encoding(field.value(buffer)) != TransferCoding::chunked) {
      return {&codes::not_implemented, "Only the transfer coding chunked is implemented."};
    }
  }
  if (!census.has(HeaderId::expect) || head.minor == 0) return {};
  for (const HeaderField& field : head.fields) {
    if (field.id == HeaderId::expect && !str::iequals(field.value(buffer), "100-continue")) {
      return {&codes::expectation_failed, "Only Expect: 100-continue is supported."};
    }
  }
  head.expect_continue = head.framing != Framing::none;
  return {};
}

constexpr std::array kRules = {judge_underscores, judge_host,         judge_framing, judge_connection,
                               judge_credentials, judge_max_forwards, judge_support};

}  // namespace

Refusal judge_request(std::string_view buffer, const FieldCensus& census, RequestHead& head) noexcept {
  for (const auto rule : kRules) {
    if (const Refusal refusal = rule(buffer, census, head)) return refusal;
  }
  return {};
}

}  // namespace tollgate::codec
