// Why a message is refused, or that it is not: what the parsers' inner rules hand each other.
#pragma once

#include <string_view>

#include "base/error_code.h"

namespace tollgate::codec {

// A value; `detail` is a static sentence. False when nothing is wrong.
struct Refusal {
  const ErrorCode* code = nullptr;
  std::string_view detail{};

  explicit operator bool() const { return code != nullptr; }
};

}  // namespace tollgate::codec
