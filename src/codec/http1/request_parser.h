// Strict, incremental parser for HTTP/1 request heads, to RFC 9112 and the project's own stricter verdicts
// (docs/reference/http-verdicts.md). Sans-I/O: bytes in, a verdict out.
//
// The verdict is a function of the byte sequence alone: the same whether the bytes come whole or one at a time, because
// bytes are judged strictly in order and each is looked at once.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error_code.h"
#include "codec/http1/field_scanner.h"
#include "codec/http1/head.h"
#include "codec/http1/refusal.h"
#include "codec/http1/request_line.h"

namespace tollgate::codec {

struct RequestLimits {
  std::uint32_t head_bytes = 64 * 1024;
  std::uint32_t fields = 100;  // ≤ RequestHead::fields capacity
  std::uint32_t field_bytes = 16 * 1024;
  std::uint32_t target_bytes = 8 * 1024;
  std::uint32_t method_bytes = 32;
};

enum class ParseStatus : std::uint8_t { need_more, complete, error };

// Thread safety: none; one per connection. Reusable after reset(). No allocation.
class RequestParser {
 public:
  // Limits beyond what RequestHead can hold are a programming error.
  explicit RequestParser(const RequestLimits& limits = {});

  // `buffer` holds all bytes of this message so far, starting at its first byte: each call passes the same bytes again
  // plus what has arrived since (the buffer may have moved). Bytes beyond the head are not looked at.
  ParseStatus parse(std::string_view buffer) noexcept;

  // After complete.
  const RequestHead& head() const { return head_; }
  RequestHead& head() { return head_; }
  // After error: the code (its status is the answer's status) and one static sentence naming what is wrong.
  const ErrorCode& error_code() const { return *refusal_.code; }
  std::string_view error_detail() const { return refusal_.detail; }
  // True while nothing but ignorable leading CRLFs has been seen: a connection that ends here was merely idle.
  bool idle() const { return stage_ == Stage::request_line && line_.idle(); }

  void reset() noexcept;

 private:
  enum class Stage : std::uint8_t { request_line, fields, complete, failed };

  ParseStatus parse_line(std::string_view buffer) noexcept;
  ParseStatus parse_fields(std::string_view buffer) noexcept;
  ParseStatus fail(Refusal refusal) noexcept;

  RequestLimits limits_;
  RequestHead head_;
  Stage stage_ = Stage::request_line;
  RequestLineScanner line_;
  FieldScanner fields_;
  Refusal refusal_;
};

}  // namespace tollgate::codec
