#include "codec/http1/body.h"

#include <algorithm>
#include <charconv>

#include "codec/http1/char_class.h"

namespace tollgate::codec {
namespace {

constexpr unsigned kSizeDigitsMax = 16;
// One more digit makes 2^60 of this: sizes have at most 15 significant digits, so that no sum of sizes wraps.
constexpr std::uint64_t kSizeBeforeLastDigit = std::uint64_t{1} << 56;
// Extensions may outweigh the body by this much: honest ones are signatures of large chunks. Without the bound a peer
// makes us read megabytes for a few bytes of body (CVE-2023-39326).
constexpr std::uint64_t kExtensionAllowance = 1024;

constexpr std::string_view kBadExtension = "A chunk extension is malformed.";

}  // namespace

BodyDecoder::BodyDecoder(Framing framing, std::uint64_t content_length, const BodyLimits& limits) : limits_(limits) {
  switch (framing) {
    case Framing::none: break;
    case Framing::content_length:
      remaining_ = content_length;
      state_ = content_length == 0 ? State::done : State::fixed;
      break;
    case Framing::chunked: state_ = State::chunk_size; break;
    case Framing::until_close: state_ = State::until_close; break;
  }
}

BodyDecoder::Step BodyDecoder::step(std::string_view input) noexcept {
  std::size_t used = 0;
  while (true) {
    switch (state_) {
      case State::done: return {Event::done, used, {}};
      case State::failed: return {Event::error, used, {}};
      case State::fixed:
      case State::until_close:
      case State::chunk_data: return deliver(input, used);
      default: break;
    }
    if (used == input.size()) return {Event::need_more, used, {}};
    judge(input[used]);
    if (state_ != State::failed) ++used;
  }
}

BodyDecoder::Step BodyDecoder::deliver(std::string_view input, std::size_t used) noexcept {
  std::string_view data = input.substr(used);
  if (data.empty()) return {Event::need_more, used, {}};
  if (state_ != State::until_close) {
    data = data.substr(0, std::min<std::uint64_t>(data.size(), remaining_));
    remaining_ -= data.size();
    if (remaining_ == 0) state_ = state_ == State::fixed ? State::done : State::chunk_data_cr;
  }
  delivered_ += data.size();
  return {Event::data, used + data.size(), data};
}

bool BodyDecoder::on_end_of_stream() noexcept {
  if (state_ == State::until_close) state_ = State::done;
  if (state_ != State::done && state_ != State::failed) fail("The connection ended before the body did.");
  return state_ == State::done;
}

void BodyDecoder::judge(char c) noexcept {
  switch (state_) {
    case State::chunk_size: judge_size(c); break;
    case State::chunk_size_lf:
      go(c == '\n', remaining_ == 0 ? State::trailer_start : State::chunk_data, "A chunk's size line ends without LF.");
      break;
    case State::chunk_data_cr: go(c == '\r', State::chunk_data_lf, "A chunk is longer than its size."); break;
    case State::chunk_data_lf:
      size_digits_ = 0;
      go(c == '\n', State::chunk_size, "A chunk ends in CR without LF.");
      break;
    case State::trailer_start:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_lf:
    case State::last_lf: judge_trailer(c); break;
    default: judge_extension(c); break;
  }
}

void BodyDecoder::judge_size(char c) noexcept {
  const int digit = hex_value(c);
  if (digit >= 0) {
    if (size_digits_ == kSizeDigitsMax || remaining_ >= kSizeBeforeLastDigit)
      return fail("A chunk's size is too large.");
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
    ++size_digits_;
  } else if (size_digits_ == 0) {
    fail("A chunk does not begin with its size in hexadecimal.");
  } else if (c == '\r') {
    state_ = State::chunk_size_lf;
  } else {
    go(c == ';' || is_blank(c), c == ';' ? State::extension_start : State::extension_gap,
       "A chunk's size is followed by something else than an extension.");
    count_extension_byte();
  }
}

void BodyDecoder::judge_extension(char c) noexcept {
  const bool may_end =
      state_ == State::extension_name || state_ == State::extension_token || state_ == State::extension_end;
  if (c == '\r' && may_end) {
    state_ = State::chunk_size_lf;
    return;
  }
  switch (state_) {
    case State::extension_gap:
      if (!is_blank(c)) go(c == ';', State::extension_start, kBadExtension);
      break;
    case State::extension_start:
      if (!is_blank(c)) go(is_token_char(c), State::extension_name, kBadExtension);
      break;
    case State::extension_name:
      if (is_token_char(c)) break;
      [[fallthrough]];
    case State::extension_named:
      if (is_blank(c)) {
        state_ = State::extension_named;
      } else {
        go(c == '=' || c == ';', c == '=' ? State::extension_value : State::extension_start, kBadExtension);
      }
      break;
    case State::extension_value:
      if (!is_blank(c)) {
        go(c == '"' || is_token_char(c), c == '"' ? State::extension_quoted : State::extension_token, kBadExtension);
      }
      break;
    case State::extension_token:
      if (is_token_char(c)) break;
      [[fallthrough]];
    case State::extension_end:
      go(c == ';' || is_blank(c), c == ';' ? State::extension_start : State::extension_gap, kBadExtension);
      break;
    case State::extension_quoted:
      if (c == '"') {
        state_ = State::extension_end;
      } else {
        go(is_field_char(c), c == '\\' ? State::extension_escape : State::extension_quoted, kBadExtension);
      }
      break;
    default: go(is_field_char(c), State::extension_quoted, kBadExtension); break;
  }
  count_extension_byte();
}

void BodyDecoder::count_extension_byte() noexcept {
  ++extension_bytes_;
  if (state_ == State::failed) return;
  if (extension_bytes_ > limits_.chunk_extension_bytes) return fail("The chunk extensions are too large.");
  // The current chunk counts: it has to come before there can be another extension.
  if (extension_bytes_ > kExtensionAllowance + delivered_ + remaining_) {
    fail("The chunk extensions outweigh the body.");
  }
}

void BodyDecoder::judge_trailer(char c) noexcept {
  if (++trailer_bytes_ > limits_.trailer_bytes) return fail("The trailer section is too large.");
  switch (state_) {
    case State::trailer_start:
      if (c == '\r') {
        state_ = State::last_lf;
      } else {
        go(is_token_char(c), State::trailer_name, "A trailer line does not begin with a field name.");
        if (++trailer_fields_ > limits_.trailer_fields) fail("There are too many trailer fields.");
      }
      break;
    case State::trailer_name:
      if (!is_token_char(c)) go(c == ':', State::trailer_value, "A trailer field's name is malformed.");
      break;
    case State::trailer_value:
      if (!is_field_char(c)) go(c == '\r', State::trailer_lf, "A trailer field holds a control character.");
      break;
    case State::trailer_lf: go(c == '\n', State::trailer_start, "A trailer line ends in CR without LF."); break;
    default: go(c == '\n', State::done, "The last line of the body ends in CR without LF."); break;
  }
}

void BodyDecoder::go(bool fits, State next, std::string_view otherwise) noexcept {
  if (fits) {
    state_ = next;
  } else {
    fail(otherwise);
  }
}

void BodyDecoder::fail(std::string_view detail) noexcept {
  state_ = State::failed;
  detail_ = detail;
}

std::size_t write_chunk_header(char* out, std::uint64_t size) noexcept {
  constexpr std::size_t kHexDigitsMax = 16;
  char* end = std::to_chars(out, out + kHexDigitsMax, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return static_cast<std::size_t>(end - out);
}

}  // namespace tollgate::codec
