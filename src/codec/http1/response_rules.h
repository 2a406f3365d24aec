// The rules that only a whole response head can be held against: its framing and what it says of the connection.
#pragma once

#include <string_view>

#include "codec/http1/field_scanner.h"
#include "codec/http1/head.h"

namespace tollgate::codec {

// Fills in what follows from the fields and marks those that are not passed on. Returns the fault, empty when there is
// none; it is static text.
std::string_view judge_response(std::string_view buffer, const FieldCensus& census, Method request_method,
                                ResponseHead& head) noexcept;

}  // namespace tollgate::codec
