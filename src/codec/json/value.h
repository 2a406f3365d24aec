// A JSON document as a value: what parse_json() makes and JsonObjectReader reads.
//
// Numbers keep what was written: a whole number is uint64, with a minus int64 (-0 is 0), everything else is double.
// Objects keep their members' order; names are unique (the parser refuses others).
//
// Thread safety: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace tollgate::codec {

class JsonValue;
struct JsonMember;
using JsonArray = std::vector<JsonValue>;
using JsonObject = std::vector<JsonMember>;

class JsonValue {
 public:
  using Variant =
      std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, JsonArray, JsonObject>;

  JsonValue() = default;
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, JsonValue>)
  explicit JsonValue(T&& value) : value_(std::forward<T>(value)) {}

  // The value when it has that type, else a null pointer.
  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&value_);
  }
  template <class T>
  T* get_if() {
    return std::get_if<T>(&value_);
  }
  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  const JsonObject* object() const { return get_if<JsonObject>(); }
  const JsonArray* array() const { return get_if<JsonArray>(); }
  // "null", "a boolean", "a number", "a string", "an array" or "an object": for messages.
  std::string_view kind() const;
  // The member of that name, or a null pointer when there is none or this is no object. Linear.
  const JsonValue* find(std::string_view name) const;

 private:
  Variant value_;  // null
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

}  // namespace tollgate::codec
