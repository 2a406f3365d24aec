#include "codec/json/value.h"

namespace tollgate::codec {

std::string_view JsonValue::kind() const {
  switch (value_.index()) {
    case 0: return "null";
    case 1: return "a boolean";
    case 5: return "a string";
    case 6: return "an array";
    case 7: return "an object";
    default: return "a number";
  }
}

const JsonValue* JsonValue::find(std::string_view name) const {
  if (object() == nullptr) return nullptr;
  for (const JsonMember& member : *object()) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

}  // namespace tollgate::codec
