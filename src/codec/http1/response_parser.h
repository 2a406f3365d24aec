// Strict, incremental parser for HTTP/1 response heads from upstreams. Same rules of use as RequestParser.
// What it refuses becomes a 502: the table is docs/reference/http-verdicts.md.
#pragma once

#include <cstdint>
#include <string_view>

#include "codec/http1/field_scanner.h"
#include "codec/http1/head.h"
#include "codec/http1/request_parser.h"

namespace tollgate::codec {

struct ResponseLimits {
  std::uint32_t head_bytes = 64 * 1024;
  std::uint32_t fields = 200;
  std::uint32_t field_bytes = 32 * 1024;
};

class ResponseParser {
 public:
  // Limits beyond what ResponseHead can hold are a programming error.
  explicit ResponseParser(const ResponseLimits& limits = {});

  // The method of the request decides whether a body follows. Call before the first parse of each message.
  void reset(Method request_method) noexcept;
  ParseStatus parse(std::string_view buffer) noexcept;
  const ResponseHead& head() const { return head_; }
  ResponseHead& head() { return head_; }
  std::string_view error_detail() const { return detail_; }

 private:
  enum class Stage : std::uint8_t { status_line, reason, fields, complete, failed };

  ParseStatus parse_status_line(std::string_view buffer) noexcept;
  ParseStatus parse_reason(std::string_view buffer) noexcept;
  ParseStatus parse_fields(std::string_view buffer) noexcept;
  ParseStatus fail(std::string_view detail) noexcept;

  ResponseLimits limits_;
  ResponseHead head_;
  Method request_method_ = Method::get;
  Stage stage_ = Stage::status_line;
  bool reason_ended_ = false;  // up to its LF
  std::uint32_t position_ = 0;
  FieldScanner fields_;
  std::string_view detail_;
};

}  // namespace tollgate::codec
