// The request line, incrementally: method SP target SP version CRLF, after at most two empty lines.
#pragma once

#include <cstdint>
#include <string_view>

#include "codec/http1/head.h"
#include "codec/http1/refusal.h"

namespace tollgate::codec {

struct RequestLineLimits {
  std::uint32_t method_bytes = 0;
  std::uint32_t target_bytes = 0;
};

// Thread safety: none. One per message; bytes are judged in order and each one once.
class RequestLineScanner {
 public:
  enum class Outcome : std::uint8_t { need_more, complete, refused };

  // Fills in method, target and version of `head`. After need_more, call again with more bytes.
  Outcome scan(std::string_view buffer, const RequestLineLimits& limits, RequestHead& head) noexcept;

  // Nothing but ignorable empty lines so far.
  bool idle() const { return state_ == State::empty_lines || state_ == State::empty_line_lf; }
  // After complete: the offset behind the line.
  std::uint32_t position() const { return position_; }
  const Refusal& refusal() const { return refusal_; }

 private:
  enum class State : std::uint8_t { empty_lines, empty_line_lf, method, target, version };

  Outcome scan_empty_lines(std::string_view buffer) noexcept;
  Outcome scan_method(std::string_view buffer, const RequestLineLimits& limits, RequestHead& head) noexcept;
  Outcome scan_target(std::string_view buffer, const RequestLineLimits& limits, RequestHead& head) noexcept;
  Outcome scan_version(std::string_view buffer, RequestHead& head) noexcept;
  Outcome refuse(Refusal refusal) noexcept {
    refusal_ = refusal;
    return Outcome::refused;
  }

  std::uint32_t position_ = 0;
  std::uint32_t mark_ = 0;  // where the current part begins
  State state_ = State::empty_lines;
  std::uint8_t empty_lines_ = 0;
  Refusal refusal_;
};

}  // namespace tollgate::codec
