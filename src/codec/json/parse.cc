#include "codec/json/parse.h"

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <optional>
#include <system_error>

#include "base/str.h"
#include "codec/json/builder.h"

namespace tollgate::codec {
namespace {

namespace json = boost::json;
using ErrorCodeOut = json::error_code;

// Receives boost::json's events. Strings and numbers may come in parts. Returning false stops the parser.
class Handler {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool on_document_begin(ErrorCodeOut&) { return true; }
  bool on_document_end(ErrorCodeOut&) { return true; }
  bool on_object_begin(ErrorCodeOut&) { return begin(JsonValue(JsonObject{})); }
  bool on_array_begin(ErrorCodeOut&) { return begin(JsonValue(JsonArray{})); }
  bool on_object_end(std::size_t, ErrorCodeOut&) { return end(); }
  bool on_array_end(std::size_t, ErrorCodeOut&) { return end(); }

  bool on_key_part(json::string_view part, std::size_t, ErrorCodeOut&) { return gather(part); }
  bool on_key(json::string_view part, std::size_t, ErrorCodeOut& error) {
    gather(part);
    if (builder_.name(std::exchange(text_, {}))) return true;
    return stop("this name occurs twice in its object", error);
  }
  bool on_string_part(json::string_view part, std::size_t, ErrorCodeOut&) { return gather(part); }
  bool on_string(json::string_view part, std::size_t, ErrorCodeOut&) {
    gather(part);
    return add(JsonValue(std::exchange(text_, {})));
  }

  bool on_number_part(json::string_view part, ErrorCodeOut&) { return gather(part); }
  bool on_int64(std::int64_t number, json::string_view, ErrorCodeOut&) {
    text_.clear();
    return add(number < 0 ? JsonValue(number) : JsonValue(static_cast<std::uint64_t>(number)));
  }
  bool on_uint64(std::uint64_t number, json::string_view, ErrorCodeOut&) {
    text_.clear();
    return add(JsonValue(number));
  }
  // boost's own conversion may be off in the last digit, so the text is read again.
  bool on_double(double, json::string_view part, ErrorCodeOut& error) {
    gather(part);
    const std::string text = std::exchange(text_, {});
    double number = 0;
    const auto [end, result] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result != std::errc{} || end != text.data() + text.size()) return stop("this number is out of range", error);
    return add(JsonValue(number));
  }

  bool on_bool(bool value, ErrorCodeOut&) { return add(JsonValue(value)); }
  bool on_null(ErrorCodeOut&) { return add(JsonValue(nullptr)); }
  bool on_comment_part(json::string_view, ErrorCodeOut&) { return true; }
  bool on_comment(json::string_view, ErrorCodeOut&) { return true; }

  std::string pointer() const { return builder_.pointer(); }
  std::string_view refusal() const { return refusal_; }
  JsonValue take() { return builder_.take(); }

 private:
  bool begin(JsonValue container) {
    builder_.begin(std::move(container));
    return true;
  }
  bool end() {
    builder_.end();
    return true;
  }
  bool add(JsonValue value) {
    builder_.add(std::move(value));
    return true;
  }
  bool gather(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool stop(std::string_view why, ErrorCodeOut& error) {
    refusal_ = why;
    error = make_error_code(json::error::syntax);
    return false;
  }

  JsonBuilder builder_;
  std::string text_;
  std::string_view refusal_;
};

Error refuse(std::string pointer, std::string detail) {
  std::string summary = str::cat("not a JSON document that can be read: ", detail);
  return Error(codes::invalid_document, std::move(summary), {{std::move(pointer), std::move(detail)}});
}

}  // namespace

Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return std::unexpected(refuse("", str::cat("larger than ", limits.max_bytes, " bytes")));
  }
  json::parse_options options;
  options.max_depth = limits.max_depth;
  json::basic_parser<Handler> parser(options);
  ErrorCodeOut error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  const Handler& handler = parser.handler();
  if (!error && used < text.size()) {
    return std::unexpected(refuse("", str::cat("something stands behind the document at byte ", used)));
  }
  if (error) {
    const std::string why = handler.refusal().empty() ? error.message() : std::string(handler.refusal());
    return std::unexpected(refuse(handler.pointer(), str::cat(why, " at byte ", used)));
  }
  return parser.handler().take();
}

}  // namespace tollgate::codec
