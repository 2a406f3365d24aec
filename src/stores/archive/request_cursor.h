// Where a search goes on, as a text that says nothing to its bearer. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "core/usage/record_filter.h"

namespace tollgate::stores {

std::string encode_cursor(const core::RecordPosition& position);
// invalid_parameter for anything that encode_cursor cannot have written.
Result<core::RecordPosition> decode_cursor(std::string_view text);

}  // namespace tollgate::stores
