#include "codec/http1/field_scanner.h"

#include <algorithm>
#include <cstddef>

#include "codec/http1/char_class.h"
#include "codec/http1/field_end.h"

namespace tollgate::codec {

FieldScanner::Outcome FieldScanner::scan(std::string_view buffer, const FieldLimits& limits, HeaderField* items,
                                         std::uint16_t& count) noexcept {
  Window window{buffer.data(), buffer.data() + position_, buffer.data() + buffer.size()};
  Outcome outcome = Outcome::need_more;
  while (window.next != window.end && outcome == Outcome::need_more) outcome = step(window, limits, items, count);
  position_ = static_cast<std::uint32_t>(window.next - window.base);
  return outcome;
}

// Judges at least one byte. need_more means: nothing is wrong so far, go on. In a head that lies there whole, each call
// takes one line through all its states.
FieldScanner::Outcome FieldScanner::step(Window& window, const FieldLimits& limits, HeaderField* items,
                                         std::uint16_t& count) noexcept {
  Outcome outcome = Outcome::need_more;
  switch (state_) {
    case State::line_start:
      outcome = begin_line(window, limits, count);
      if (state_ != State::name) return outcome;
      [[fallthrough]];
    case State::name:
      outcome = scan_name(window, limits);
      if (state_ != State::value) return outcome;
      [[fallthrough]];
    case State::value:
      outcome = scan_value(window, limits);
      if (state_ != State::value_lf || window.next == window.end) return outcome;
      [[fallthrough]];
    case State::value_lf:
      if (*window.next != '\n') return malformed("A CR without LF stands in a header line.");
      ++window.next;
      finish_field(window, items[count++]);
      return Outcome::need_more;
    case State::end_lf:
      if (*window.next != '\n') return malformed("A CR without LF stands in a header line.");
      ++window.next;
      return Outcome::end_of_fields;
  }
  return outcome;
}

FieldScanner::Outcome FieldScanner::begin_line(Window& window, const FieldLimits& limits,
                                               std::uint16_t count) noexcept {
  const char c = *window.next;
  if (c == '\r') {
    ++window.next;
    state_ = State::end_lf;
    return Outcome::need_more;
  }
  if (is_blank(c)) return malformed("A header line begins with white space (line folding is obsolete).");
  if (!is_token_char(c)) return malformed("A header line does not begin with a field name.");
  if (count == limits.fields) return Outcome::too_many;
  state_ = State::name;
  return Outcome::need_more;
}

FieldScanner::Outcome FieldScanner::scan_name(Window& window, const FieldLimits& limits) noexcept {
  const char* const line = window.base + line_;
  const char* const end = line + std::min<std::ptrdiff_t>(window.end - line, limits.field_bytes);
  const NameEnd name = find_name_end(window.next, end);
  const char* const next = name.end;
  if (name.underscored) census_.underscored = true;
  window.next = next;
  if (next == end) return next == window.end ? Outcome::need_more : Outcome::too_large;
  if (is_blank(*next)) return malformed("White space stands between a field name and its colon.");
  if (*next != ':') return malformed("A field name holds a character that it may not hold, or has no colon.");
  name_length_ = static_cast<std::uint32_t>(next - line);
  ++window.next;
  state_ = State::value;
  return Outcome::need_more;
}

FieldScanner::Outcome FieldScanner::scan_value(Window& window, const FieldLimits& limits) noexcept {
  const char* const line = window.base + line_;
  const char* const end = line + std::min<std::ptrdiff_t>(window.end - line, limits.field_bytes);
  const char* const next = find_field_end(window.next, end);
  window.next = next;
  if (next == window.end) return Outcome::need_more;
  if (*next == '\r') {
    ++window.next;
    state_ = State::value_lf;
    return Outcome::need_more;
  }
  if (next == end) return Outcome::too_large;
  return malformed(*next == '\n' ? "A header line ends in LF without CR." : "A field value holds a control character.");
}

void FieldScanner::finish_field(const Window& window, HeaderField& field) noexcept {
  const char* const line = window.base + line_;
  const char* value = line + name_length_ + 1;
  const char* value_end = window.next - 2;
  while (value != value_end && is_blank(*value)) ++value;
  while (value != value_end && is_blank(value_end[-1])) --value_end;
  field.line_offset = line_;
  field.name_length = static_cast<std::uint16_t>(name_length_);
  field.id = header_id({line, name_length_});
  field.drop = (kNeverForwarded & header_bit(field.id)) != 0;
  field.value_offset = static_cast<std::uint32_t>(value - window.base);
  field.value_length = static_cast<std::uint16_t>(value_end - value);
  field.line_length = static_cast<std::uint16_t>(window.next - line);
  census_.add(field.id);
  line_ = static_cast<std::uint32_t>(window.next - window.base);
  state_ = State::line_start;
}

}  // namespace tollgate::codec
