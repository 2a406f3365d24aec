#include "http/response.h"

#include "codec/json/writer.h"

namespace tollgate::http {

Response json(std::string body, std::uint16_t status) {
  Response response{.status = status, .headers = {}, .body = std::move(body)};
  response.header("Content-Type", "application/json");
  return response;
}

Response text(std::string body, std::uint16_t status) {
  Response response{.status = status, .headers = {}, .body = std::move(body)};
  response.header("Content-Type", "text/plain; charset=utf-8");
  return response;
}

Response no_content() {
  return Response{.status = 204, .headers = {}, .body = {}};
}

Response problem(const Error& error, std::uint64_t request_id) {
  const ErrorCode& code = error.code();
  const bool about_the_callers_input = code.source == ErrorSource::caller && !error.detail().empty();
  Response response;
  response.status = code.status == 0 ? 500 : code.status;
  response.header("Content-Type", "application/problem+json");
  codec::JsonWriter out(response.body);
  out.begin_object()
      .member("type", problem_type(code))
      .member("title", reason_phrase(response.status))
      .member("status", response.status)
      .member("detail", about_the_callers_input ? std::string_view(error.detail()) : code.caller)
      .member("code", code.name)
      .member("requestId", format_request_id(request_id));
  if (!error.fields().empty()) {
    out.key("errors").begin_array();
    for (const FieldError& field : error.fields()) {
      out.begin_object().member("pointer", field.pointer).member("detail", field.detail).end_object();
    }
    out.end_array();
  }
  out.end_object();
  return response;
}

std::string_view problem_type(const ErrorCode& code) {
  if (code.kind == ErrorKind::limited) return "https://iana.org/assignments/http-problem-types#quota-exceeded";
  return "about:blank";
}

std::string_view reason_phrase(std::uint16_t status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 103: return "Early Hints";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 508: return "Loop Detected";
    default: return "Status";
  }
}

std::string format_request_id(std::uint64_t id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; id >>= 4) text[i] = kDigits[id & 15];
  return text;
}

}  // namespace tollgate::http
