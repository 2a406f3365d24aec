// Writes JSON straight into a string: responses and log lines. Commas and escapes are its business, shape is yours.
//
//   JsonWriter json(out);
//   json.begin_object().member("id", id).key("tags").begin_array().value("a").end_array().end_object();
//
// The output is always valid, single-line, UTF-8 JSON whatever the strings hold: control characters (C0, DEL, C1),
// U+2028 and U+2029 are escaped, bytes that are not UTF-8 become U+FFFD. Doubles take their shortest exact form; NaN
// and infinities are null. Using it out of order is a programming error and aborts. Thread safety: one thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/str.h"

namespace tollgate::codec {

// Appends `text` as a JSON string, with its quotes.
void append_json_string(std::string& out, std::string_view text);

class JsonWriter {
 public:
  static constexpr int kMaxDepth = 32;

  // Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{', true); }
  JsonWriter& end_object() { return close('}', true); }
  JsonWriter& begin_array() { return open('[', false); }
  JsonWriter& end_array() { return close(']', false); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
  JsonWriter& value(std::nullptr_t) { return raw("null"); }
  JsonWriter& value(double number);
  template <std::integral N>
  JsonWriter& value(N number) {
    before_value();
    str::append_one(out_, number);
    return *this;
  }
  // RFC 3339, UTC, milliseconds.
  JsonWriter& value(WallTime time) { return value(format_rfc3339(time)); }
  template <class T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : raw("null");
  }
  // Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }

 private:
  JsonWriter& open(char bracket, bool is_object);
  JsonWriter& close(char bracket, bool is_object);
  void before_value();

  std::string& out_;
  std::uint64_t objects_ = 0;  // bit d: the container at depth d is an object
  int depth_ = 0;
  bool comma_ = false;      // something stands before the next element
  bool after_key_ = false;  // the next thing is a member's value
};

}  // namespace tollgate::codec
