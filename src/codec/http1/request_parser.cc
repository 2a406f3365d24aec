#include "codec/http1/request_parser.h"

#include <algorithm>

#include "base/assert.h"
#include "codec/http1/request_rules.h"

namespace tollgate::codec {

RequestParser::RequestParser(const RequestLimits& limits) : limits_(limits) {
  TG_ASSERT(limits.fields <= head_.fields.items.size());
  TG_ASSERT(limits.field_bytes <= kFieldBytesMax);
}

ParseStatus RequestParser::parse(std::string_view buffer) noexcept {
  const std::string_view judged = buffer.substr(0, limits_.head_bytes);
  ParseStatus status = ParseStatus::need_more;
  switch (stage_) {
    case Stage::request_line: status = parse_line(judged); break;
    case Stage::fields: status = parse_fields(judged); break;
    case Stage::complete: return ParseStatus::complete;
    case Stage::failed: return ParseStatus::error;
  }
  if (status == ParseStatus::need_more && judged.size() == limits_.head_bytes) {
    return fail({&codes::headers_too_large, "The request's head is too large."});
  }
  return status;
}

ParseStatus RequestParser::parse_line(std::string_view buffer) noexcept {
  const RequestLineLimits limits{.method_bytes = limits_.method_bytes, .target_bytes = limits_.target_bytes};
  switch (line_.scan(buffer, limits, head_)) {
    case RequestLineScanner::Outcome::need_more: return ParseStatus::need_more;
    case RequestLineScanner::Outcome::refused: return fail(line_.refusal());
    case RequestLineScanner::Outcome::complete: break;
  }
  stage_ = Stage::fields;
  fields_.start(line_.position());
  return parse_fields(buffer);
}

ParseStatus RequestParser::parse_fields(std::string_view buffer) noexcept {
  const FieldLimits limits{.fields = limits_.fields, .field_bytes = limits_.field_bytes};
  switch (fields_.scan(buffer, limits, head_.fields.items.data(), head_.fields.count)) {
    case FieldScanner::Outcome::need_more: return ParseStatus::need_more;
    case FieldScanner::Outcome::malformed: return fail({&codes::bad_request, fields_.detail()});
    case FieldScanner::Outcome::too_many:
      return fail({&codes::headers_too_large, "The request has too many header fields."});
    case FieldScanner::Outcome::too_large:
      return fail({&codes::headers_too_large, "A header field of the request is too large."});
    case FieldScanner::Outcome::end_of_fields: break;
  }
  head_.size = fields_.position();
  if (const Refusal refusal = judge_request(buffer, fields_.census(), head_)) return fail(refusal);
  stage_ = Stage::complete;
  return ParseStatus::complete;
}

ParseStatus RequestParser::fail(Refusal refusal) noexcept {
  stage_ = Stage::failed;
  refusal_ = refusal;
  return ParseStatus::error;
}

void RequestParser::reset() noexcept {
  head_.clear();
  stage_ = Stage::request_line;
  line_ = {};
  refusal_ = {};
}

}  // namespace tollgate::codec
