#include "codec/http1/response_parser.h"

#include "base/assert.h"
#include "codec/http1/char_class.h"
#include "codec/http1/field_end.h"
#include "codec/http1/response_rules.h"

namespace tollgate::codec {
namespace {

// 'd' is a digit, 's' the first digit of a status.
constexpr std::string_view kStatusLineShape = "HTTP/1.d sdd";
constexpr std::size_t kMinor = 7;
constexpr std::size_t kStatus = 9;

bool fits_shape(char c, char shape) {
  if (shape == 'd') return is_digit(c);
  if (shape == 's') return c >= '1' && c <= '5';
  return c == shape;
}

std::uint16_t digit(char c) {
  return static_cast<std::uint16_t>(c - '0');
}

}  // namespace

ResponseParser::ResponseParser(const ResponseLimits& limits) : limits_(limits) {
  TG_ASSERT(limits.fields <= head_.fields.items.size());
  TG_ASSERT(limits.field_bytes <= kFieldBytesMax);
}

ParseStatus ResponseParser::parse(std::string_view buffer) noexcept {
  const std::string_view judged = buffer.substr(0, limits_.head_bytes);
  ParseStatus status = ParseStatus::need_more;
  switch (stage_) {
    case Stage::status_line: status = parse_status_line(judged); break;
    case Stage::reason: status = parse_reason(judged); break;
    case Stage::fields: status = parse_fields(judged); break;
    case Stage::complete: return ParseStatus::complete;
    case Stage::failed: return ParseStatus::error;
  }
  if (status == ParseStatus::need_more && judged.size() == limits_.head_bytes) {
    return fail("The response's head is too large.");
  }
  return status;
}

ParseStatus ResponseParser::parse_status_line(std::string_view buffer) noexcept {
  for (; position_ < buffer.size(); ++position_) {
    const char c = buffer[position_];
    if (position_ < kStatusLineShape.size()) {
      if (!fits_shape(c, kStatusLineShape[position_])) return fail("The response has no valid HTTP/1 status line.");
      continue;
    }
    // Servers that leave out the reason often leave out the space before it, too.
    if (c != ' ' && c != '\r') return fail("The response's status is not three digits.");
    head_.minor = buffer[kMinor] == '0' ? 0 : 1;
    const std::string_view status = buffer.substr(kStatus, 3);
    head_.status = static_cast<std::uint16_t>(digit(status[0]) * 100 + digit(status[1]) * 10 + digit(status[2]));
    if (c == ' ') ++position_;
    head_.reason = {position_, 0};
    stage_ = Stage::reason;
    return parse_reason(buffer);
  }
  return ParseStatus::need_more;
}

ParseStatus ResponseParser::parse_reason(std::string_view buffer) noexcept {
  const char* const begin = buffer.data();
  if (!reason_ended_) {
    const char* const next = find_field_end(begin + position_, begin + buffer.size());
    position_ = static_cast<std::uint32_t>(next - begin);
    if (position_ == buffer.size()) return ParseStatus::need_more;
    if (*next != '\r') return fail("The response's status line holds a control character.");
    head_.reason.length = position_ - head_.reason.offset;
    reason_ended_ = true;
    ++position_;
  }
  if (position_ == buffer.size()) return ParseStatus::need_more;
  if (buffer[position_] != '\n') return fail("The response's status line has a CR without LF.");
  stage_ = Stage::fields;
  fields_.start(position_ + 1);
  return parse_fields(buffer);
}

ParseStatus ResponseParser::parse_fields(std::string_view buffer) noexcept {
  const FieldLimits limits{.fields = limits_.fields, .field_bytes = limits_.field_bytes};
  switch (fields_.scan(buffer, limits, head_.fields.items.data(), head_.fields.count)) {
    case FieldScanner::Outcome::need_more: return ParseStatus::need_more;
    case FieldScanner::Outcome::malformed: return fail(fields_.detail());
    case FieldScanner::Outcome::too_many: return fail("The response has too many header fields.");
    case FieldScanner::Outcome::too_large: return fail("A header field of the response is too large.");
    case FieldScanner::Outcome::end_of_fields: break;
  }
  head_.size = fields_.position();
  const std::string_view fault = judge_response(buffer, fields_.census(), request_method_, head_);
  if (!fault.empty()) return fail(fault);
  stage_ = Stage::complete;
  return ParseStatus::complete;
}

ParseStatus ResponseParser::fail(std::string_view detail) noexcept {
  stage_ = Stage::failed;
  detail_ = detail;
  return ParseStatus::error;
}

void ResponseParser::reset(Method request_method) noexcept {
  head_.clear();
  request_method_ = request_method;
  stage_ = Stage::status_line;
  reason_ended_ = false;
  position_ = 0;
  detail_ = {};
}

}  // namespace tollgate::codec
