// Any bytes as JSON: the parser never crashes, what it accepts is UTF-8 within the limits, and what the writer makes of
// it reads back as the same document. The object reader reports, and never crashes, whatever the members are.
#include "base/assert.h"
#include "base/str.h"
#include "codec/json/object_reader.h"
#include "codec/json/parse.h"
#include "codec/json/writer.h"

namespace tollgate::codec {
namespace {

void write(JsonWriter& out, const JsonValue& value) {
  if (const auto* object = value.object()) {
    out.begin_object();
    for (const JsonMember& member : *object) {
      out.key(member.name);
      write(out, member.value);
    }
    out.end_object();
  } else if (const auto* array = value.array()) {
    out.begin_array();
    for (const JsonValue& element : *array) write(out, element);
    out.end_array();
  } else if (const auto* text = value.get_if<std::string>()) {
    out.value(*text);
  } else if (const auto* whole = value.get_if<std::uint64_t>()) {
    out.value(*whole);
  } else if (const auto* negative = value.get_if<std::int64_t>()) {
    out.value(*negative);
  } else if (const auto* number = value.get_if<double>()) {
    out.value(*number);
  } else if (const auto* flag = value.get_if<bool>()) {
    out.value(*flag);
  } else {
    out.value(nullptr);
  }
}

std::string text_of(const JsonValue& value) {
  std::string text;
  JsonWriter out(text);
  write(out, value);
  return text;
}

void read_members(const JsonValue& document) {
  JsonObjectReader in(document);
  in.required_string("a", {.max = 4});
  in.optional_uint("b", {.min = 1, .max = 9});
  in.optional_double("c", {});
  in.optional_time("d");
  in.optional_strings("e", 3, {});
  for (JsonObjectReader* inner : in.optional_objects("f", 3)) inner->required_bool("a");
  if (JsonObjectReader* inner = in.optional_object("g")) inner->optional_uint("b", {});
  const auto done = in.finish();
  TG_ASSERT(done || !done.error().fields().empty());
}

void check(std::string_view bytes) {
  const auto document = parse_json(bytes);
  if (!document) {
    TG_ASSERT(document.error().fields().size() == 1);
    return;
  }
  TG_ASSERT(str::is_valid_utf8(bytes));
  const std::string text = text_of(*document);
  const auto again = parse_json(text, {.max_bytes = text.size()});
  TG_ASSERT(again.has_value() && text_of(*again) == text);
  read_members(*document);
}

}  // namespace
}  // namespace tollgate::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tollgate::codec::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
