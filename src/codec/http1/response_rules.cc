#include "codec/http1/response_rules.h"

#include <optional>

#include "codec/http1/connection_options.h"
#include "codec/http1/framing_fields.h"

namespace tollgate::codec {
namespace {

// RFC 9112 §6.3, cases 1 and 2.
bool never_has_body(Method request_method, std::uint16_t status) {
  return request_method == Method::head || status < 200 || status == 204 || status == 304;
}

// Equal repetitions are one length (RFC 9112 §6.3 case 5 lets a recipient replace them); anything else is a fault.
std::string_view judge_content_length(std::string_view buffer, ResponseHead& head) {
  std::optional<std::uint64_t> agreed;
  for (const HeaderField& field : head.fields) {
    if (field.id != HeaderId::content_length) continue;
    const auto length = parse_content_length(field.value(buffer));
    if (!length) return "The response's Content-Length is not a plain decimal number.";
    if (agreed && *agreed != *length) return "The response's Content-Length fields differ.";
    agreed = length;
  }
  head.has_content_length = true;
  head.content_length = *agreed;
  return {};
}

std::string_view judge_transfer_encoding(std::string_view buffer, const FieldCensus& census, ResponseHead& head) {
  if (head.minor == 0) return "The response is HTTP/1.0 and has a Transfer-Encoding.";
  if (census.repeats(HeaderId::transfer_encoding)) return "The response has more than one Transfer-Encoding field.";
  const auto coding = parse_transfer_encoding(head.fields.find(HeaderId::transfer_encoding)->value(buffer));
  if (coding != TransferCoding::chunked) return "The response's Transfer-Encoding is not chunked.";
  if (head.has_content_length) {
    // chunked wins and the length is forgotten; after such a response the connection is not trusted any more.
    head.has_content_length = false;
    head.content_length = 0;
    head.keep_alive = false;
  }
  return {};
}

std::string_view judge_connection(std::string_view buffer, const FieldCensus& census, ResponseHead& head) {
  head.keep_alive = head.minor > 0;
  if (!census.has(HeaderId::connection)) return {};
  constexpr std::uint32_t kNothingForbidden = 0;
  const auto options = apply_connection_options(buffer, {head.fields.begin(), head.fields.end()}, kNothingForbidden);
  if (options.fault != ConnectionOptions::Fault::none) return "The response's Connection field is not valid.";
  if (options.close) head.keep_alive = false;
  return {};
}

void choose_framing(const FieldCensus& census, Method request_method, ResponseHead& head) {
  if (never_has_body(request_method, head.status)) {
    if (head.status < 200 || head.status == 204) {  // RFC 9110 §8.6 allows no length there
      head.has_content_length = false;
      head.content_length = 0;
    }
    return;
  }
  if (census.has(HeaderId::transfer_encoding)) {
    head.framing = Framing::chunked;
  } else if (!head.has_content_length) {
    head.framing = Framing::until_close;
    head.keep_alive = false;
  } else if (head.content_length > 0) {
    head.framing = Framing::content_length;
  }
}

}  // namespace

std::string_view judge_response(std::string_view buffer, const FieldCensus& census, Method request_method,
                                ResponseHead& head) noexcept {
  std::string_view fault = judge_connection(buffer, census, head);
  if (fault.empty() && census.has(HeaderId::content_length)) fault = judge_content_length(buffer, head);
  if (fault.empty() && census.has(HeaderId::transfer_encoding)) fault = judge_transfer_encoding(buffer, census, head);
  if (fault.empty()) choose_framing(census, request_method, head);
  return fault;
}

}  // namespace tollgate::codec
