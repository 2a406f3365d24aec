#include "codec/json/writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/assert.h"

namespace tollgate::codec {
namespace {

// Bytes that go out as they are: printable ASCII without the quote and the backslash.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) table[c] = c != '"' && c != '\\';
  return table;
}();

void append_escaped_unit(std::string& out, unsigned unit) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const char text[] = {
      '\\', 'u', kDigits[unit >> 12 & 15], kDigits[unit >> 8 & 15], kDigits[unit >> 4 & 15], kDigits[unit & 15]};
  out.append(text, sizeof(text));
}

void append_escaped_ascii(std::string& out, char c) {
  switch (c) {
    case '"':
    case '\\':
      out.push_back('\\');
      out.push_back(c);
      return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: append_escaped_unit(out, static_cast<unsigned char>(c));
  }
}

// Appends the character at the start of `text`, which is not ASCII, and returns how many bytes it took.
std::size_t append_multibyte(std::string& out, std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const std::string_view character = text.substr(0, length);
  if (character.size() < length || !str::is_valid_utf8(character)) {
    out += "\xef\xbf\xbd";
    return 1;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  if (first == 0xc2 && second < 0xa0) {  // C1: some terminals obey them
    append_escaped_unit(out, second);
  } else if (character == "\xe2\x80\xa8" ||
             character == "\xe2\x80\xa9") {  // line ends to JavaScript and to some log readers
    append_escaped_unit(out, 0x2000u + (static_cast<unsigned char>(text[2]) & 0x3fu));
  } else {
    out += character;
  }
  return length;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && kPlain[static_cast<unsigned char>(text[end])]) ++end;
    out.append(text, at, end - at);
    at = end;
    if (at == text.size()) break;
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      append_escaped_ascii(out, text[at++]);
    } else {
      at += append_multibyte(out, text.substr(at));
    }
  }
  out.push_back('"');
}

void JsonWriter::before_value() {
  const bool in_object = depth_ > 0 && (objects_ >> depth_ & 1) != 0;
  TG_ASSERT(after_key_ == in_object);
  if (comma_ && !after_key_) out_.push_back(',');
  comma_ = true;
  after_key_ = false;
}

JsonWriter& JsonWriter::open(char bracket, bool is_object) {
  before_value();
  TG_ASSERT(depth_ < kMaxDepth);
  ++depth_;
  objects_ = (objects_ & ~(std::uint64_t{1} << depth_)) | (std::uint64_t{is_object} << depth_);
  comma_ = false;
  out_.push_back(bracket);
  return *this;
}

JsonWriter& JsonWriter::close(char bracket, bool is_object) {
  TG_ASSERT(depth_ > 0 && !after_key_ && (objects_ >> depth_ & 1) == std::uint64_t{is_object});
  --depth_;
  comma_ = true;
  out_.push_back(bracket);
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  TG_ASSERT(depth_ > 0 && !after_key_ && (objects_ >> depth_ & 1) != 0);
  if (comma_) out_.push_back(',');
  append_json_string(out_, name);
  out_.push_back(':');
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return raw("null");
  if (number == 0) return raw("0");  // "-0" would read back as a whole number without its sign
  before_value();
  char text[32];
  out_.append(text, std::to_chars(text, text + sizeof(text), number).ptr);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  out_ += json;
  return *this;
}

}  // namespace tollgate::codec
