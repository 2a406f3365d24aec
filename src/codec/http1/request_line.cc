#include "codec/http1/request_line.h"

#include <algorithm>

#include "codec/http1/char_class.h"
#include "codec/http1/request_target.h"

namespace tollgate::codec {
namespace {

constexpr unsigned kEmptyLinesIgnored = 2;
// A method longer than the limit is one we do not know (501). Beyond this many times the limit it is no method at all.
constexpr std::uint32_t kImplausibleMethodFactor = 8;
// "HTTP/d.d\r\n" with d for a digit.
constexpr std::string_view kVersionShape = "HTTP/d.d\r\n";
constexpr std::size_t kMajor = 5;
constexpr std::size_t kMinor = 7;

Refusal bad_request(std::string_view detail) {
  return {&codes::bad_request, detail};
}

}  // namespace

RequestLineScanner::Outcome RequestLineScanner::scan(std::string_view buffer, const RequestLineLimits& limits,
                                                     RequestHead& head) noexcept {
  Outcome outcome = Outcome::complete;
  if (idle()) outcome = scan_empty_lines(buffer);
  if (outcome == Outcome::complete && state_ == State::method) outcome = scan_method(buffer, limits, head);
  if (outcome == Outcome::complete && state_ == State::target) outcome = scan_target(buffer, limits, head);
  if (outcome == Outcome::complete && state_ == State::version) outcome = scan_version(buffer, head);
  return outcome;
}

RequestLineScanner::Outcome RequestLineScanner::scan_empty_lines(std::string_view buffer) noexcept {
  for (; position_ < buffer.size(); ++position_) {
    const char c = buffer[position_];
    if (state_ == State::empty_line_lf) {
      if (c != '\n') return refuse(bad_request("A CR without LF stands before the request line."));
      state_ = State::empty_lines;
    } else if (c == '\r') {
      if (empty_lines_ == kEmptyLinesIgnored) {
        return refuse(bad_request("More than two empty lines stand before the request line."));
      }
      ++empty_lines_;
      state_ = State::empty_line_lf;
    } else {
      mark_ = position_;
      state_ = State::method;
      return Outcome::complete;
    }
  }
  return Outcome::need_more;
}

RequestLineScanner::Outcome RequestLineScanner::scan_method(std::string_view buffer, const RequestLineLimits& limits,
                                                            RequestHead& head) noexcept {
  const std::size_t implausible = mark_ + std::size_t{limits.method_bytes} * kImplausibleMethodFactor;
  while (position_ < buffer.size() && is_token_char(buffer[position_])) {
    if (position_ == implausible) return refuse(bad_request("The request does not begin with a method."));
    ++position_;
  }
  if (position_ == buffer.size()) return Outcome::need_more;
  if (buffer[position_] != ' ' || position_ == mark_) {
    return refuse(bad_request("The request does not begin with a method and one space."));
  }
  head.method_text = {mark_, position_ - mark_};
  if (head.method_text.length > limits.method_bytes) {
    return refuse({&codes::not_implemented, "The method is longer than any that is known."});
  }
  head.method = parse_method(head.method_text.in(buffer));
  mark_ = ++position_;
  state_ = State::target;
  return Outcome::complete;
}

RequestLineScanner::Outcome RequestLineScanner::scan_target(std::string_view buffer, const RequestLineLimits& limits,
                                                            RequestHead& head) noexcept {
  const std::size_t window = std::min<std::size_t>(buffer.size(), std::size_t{mark_} + limits.target_bytes + 1);
  while (position_ < window && (char_class(buffer[position_]) & kTargetChar) != 0) ++position_;
  if (position_ == window && window - mark_ > limits.target_bytes) {
    return refuse({&codes::uri_too_long, "The request target is too long."});
  }
  if (position_ == window) return Outcome::need_more;
  const char c = buffer[position_];
  if (c == '\r' || c == '\n') return refuse(bad_request("The request line has no HTTP version."));
  if (c != ' ') return refuse({&codes::bad_target, "The request target holds a character that no URI may hold."});
  if (const Refusal refusal = judge_target(buffer, {mark_, position_ - mark_}, head)) return refuse(refusal);
  mark_ = ++position_;
  state_ = State::version;
  return Outcome::complete;
}

RequestLineScanner::Outcome RequestLineScanner::scan_version(std::string_view buffer, RequestHead& head) noexcept {
  for (; position_ < buffer.size(); ++position_) {
    const std::size_t index = position_ - mark_;
    const char c = buffer[position_];
    const bool fits = kVersionShape[index] == 'd' ? is_digit(c) : kVersionShape[index] == c;
    if (!fits) return refuse(bad_request("The request line does not end in HTTP/1.1 and CRLF."));
    if (index + 1 < kVersionShape.size()) continue;
    if (buffer[mark_ + kMajor] != '1') {
      return refuse({&codes::version_not_supported, "The request's HTTP version is not 1.x."});
    }
    head.minor = buffer[mark_ + kMinor] == '0' ? 0 : 1;
    ++position_;
    return Outcome::complete;
  }
  return Outcome::need_more;
}

}  // namespace tollgate::codec
