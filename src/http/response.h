// A whole response, for handlers that do not stream.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace tollgate::http {

struct Response {
  std::uint16_t status = 200;
  std::vector<std::pair<std::string, std::string>>
      headers;  // without Content-Length, Date, Connection: the server adds those
  std::string body;
  bool close = false;  // close the connection afterwards

  Response& header(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

// 200 unless said otherwise; `body` is a finished JSON document.
Response json(std::string body, std::uint16_t status = 200);
Response text(std::string body, std::uint16_t status = 200);
Response no_content();

// RFC 9457 problem+json with type, title, status, detail, code, requestId and errors[{pointer, detail}].
// Errors of Tollgate's own making say only what `code.caller` says; their detail is for the log.
Response problem(const Error& error, std::uint64_t request_id);

std::string_view problem_type(const ErrorCode& code);  // RFC 9457 "type"
std::string_view reason_phrase(std::uint16_t status);  // "Too Many Requests"
std::string format_request_id(std::uint64_t id);       // 16 hex digits

}  // namespace tollgate::http
