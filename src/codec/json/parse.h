// Strict JSON (RFC 8259): one document, UTF-8 without a byte order mark, nothing after it. Refused as well, because two
// readers could understand them differently: a name that occurs twice in one object, a number beyond a double's range.
//
// The parser may be fed anything; time is linear in the input and depth is bounded. Thread safety: pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "codec/json/value.h"

namespace tollgate::codec {

struct JsonLimits {
  std::size_t max_bytes = 1u << 20;
  std::size_t max_depth = 32;  // arrays and objects within each other; 0: only a bare value
};

// Fails with invalid_document and one FieldError: where in the document, what, and at which byte.
Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace tollgate::codec
